/**
 * A recording on disk: `recording.json` says what was recorded, and each other file holds the
 * exchanges first made for a stream, for the reference data (`context`) or for `check`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../connector/index.js';
import { HeadraceError } from '../../connector/index.js';

/** A body is `json` where that gives the same bytes again, otherwise `text`. */
export interface RecordedBody {
  readonly json?: Json;
  readonly text?: string;
}

export interface RecordedExchange {
  /** As the connector asked: no host, no credentials, no cookies. */
  readonly request: RecordedBody & {
    readonly method: string;
    readonly path: string;
    /** It went to another host than the source's. */
    readonly isAbroad?: true;
  };
  readonly response: RecordedBody & {
    readonly status: number;
    /** Content type, date and paging; nothing else is kept. */
    readonly headers: Readonly<Record<string, string>>;
  };
}

export interface RecordedRead {
  readonly pages: number;
  /** False where the recording stops although the stream goes on. */
  readonly isComplete: boolean;
}

export interface RecordedStream {
  readonly records: number;
  readonly pass: RecordedRead;
  /** Null for streams that are only ever read as a whole. */
  readonly changes: RecordedRead | null;
  /** How many of the first keys were asked for by `fetch`. */
  readonly fetched: number;
}

export interface RecordingInfo {
  readonly format: 1;
  readonly connector: string;
  /** Time the connector was told throughout, ms since the epoch. */
  readonly recordedAtMs: number;
  /** The settings in use, without secrets. */
  readonly settings: JsonObject;
  readonly streams: Readonly<Record<string, RecordedStream>>;
}

export interface Recording {
  readonly info: RecordingInfo;
  /** By file, in the order they were made. */
  readonly files: Readonly<Record<string, readonly RecordedExchange[]>>;
}

const INFO = 'recording.json';

/** Writes a recording into a folder of its own, replacing one that is there. */
export function writeRecording(folder: string, recording: Recording): readonly string[] {
  if (existsSync(folder)) {
    const names = readdirSync(folder);
    if (names.length > 0 && !names.includes(INFO)) {
      throw new HeadraceError('config', `${folder} holds files that are no recording.`, {
        code: 'E_RECORDING',
        hint: 'Name a folder of its own for the recording.',
      });
    }
    for (const name of names) if (name.endsWith('.json')) rmSync(join(folder, name));
  }
  mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  const write = (name: string, value: unknown) => {
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
    written.push(name);
  };
  write(INFO, recording.info);
  for (const [name, exchanges] of Object.entries(recording.files)) {
    write(`${name}.json`, exchanges);
  }
  return written;
}

/** @throws `config` E_RECORDING when the folder holds none that this version reads. */
export function readRecording(folder: string): Recording {
  const info = parse(folder, INFO) as RecordingInfo;
  if (info?.format !== 1 || typeof info.streams !== 'object') {
    throw unreadable(folder, `${INFO} has another format`);
  }
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== INFO)
    .sort();
  const files = names.map((name): [string, readonly RecordedExchange[]] => {
    const exchanges = parse(folder, name);
    if (!Array.isArray(exchanges)) throw unreadable(folder, `${name} is no list of exchanges`);
    return [name.slice(0, -'.json'.length), exchanges];
  });
  return { info, files: Object.fromEntries(files) };
}

function parse(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch (cause) {
    throw unreadable(folder, `${name} cannot be read`, cause);
  }
}

function unreadable(folder: string, why: string, cause?: unknown): HeadraceError {
  return new HeadraceError('config', `${folder} is no recording: ${why}.`, {
    code: 'E_RECORDING',
    hint: 'Make one with `headrace connect record SOURCE`.',
    cause,
  });
}
