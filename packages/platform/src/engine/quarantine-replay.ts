/**
 * Acts on quarantine: a correction is prepared or taken back, a group is stated again in the order
 * its statements came in.
 *
 *   waits ──correct──▶ waits, corrected ──replay that succeeds──▶ used
 *                                       ──replay that fails──▶ waits, corrected
 *
 * Invariants: who does it is journaled before anything else is; of a replay that a crash ends, what
 * is durable is used and what is not still waits, so that the same replay goes on; nothing is used
 * twice, since a statement that waits no more is passed over.
 */
import { HeadraceError, type JsonObject } from '@headrace/sdk';
import { keyedHash, plainHash, seal } from '../audit/index.js';
import type { Arrival, ReplayEnd, StreamRuntime, WaitingEntry } from './arrival.js';
import type { Engine } from './engine.js';
import { prepare } from './prepare.js';
import { correctionName, Quarantine, type Trial, type WaitingStatement } from './quarantine.js';
import { replayedRecord } from './replay-waiting.js';
import { quarantineHandle } from './sealed-part.js';

export interface FailedStatements {
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** One of the records. */
  readonly record: string;
}

export interface ReplayReport {
  readonly group: string;
  /** Statements that waited when it began. */
  readonly waiting: number;
  /** Used now; in a dry run: would be. */
  readonly replayed: number;
  /** Of these, with a correction. */
  readonly corrected: number;
  readonly failed: number;
  /** Passed over: replayed by somebody else, or stated anew by their source meanwhile. */
  readonly settled: number;
  readonly errors: readonly FailedStatements[];
}

export interface DryReplay extends ReplayReport {
  /** The first that would fail, then the first that would not. */
  readonly samples: readonly Trial[];
}

/** What of an engine the acts need; an engine is one. */
export interface ReplayEngine
  extends Pick<Engine, 'reader' | 'ring' | 'normalizer' | 'random' | 'control' | 'at'> {
  readonly runners: ReadonlyMap<string, { readonly runtime: StreamRuntime }>;
  readonly loop: Pick<Engine['loop'], 'submit'>;
}

const batchMax = 200;
const dryBatchMax = 100;
const samplesMax = 20;
const dayMs = 86_400_000;

export function quarantineOf(
  engine: Pick<ReplayEngine, 'reader' | 'ring' | 'normalizer' | 'runners'>,
): Quarantine {
  const { reader, ring, normalizer, runners } = engine;
  const streamOf = (source: string, stream: string) => runners.get(`${source}/${stream}`)?.runtime;
  return new Quarantine({ reader, ring, normalizer, streamOf });
}

/** Tries all that waits in a group, by the mapping at hand; writes nothing, reads no system. */
export async function dryReplay(
  quarantine: Quarantine,
  group: string,
  pause: () => Promise<void>,
): Promise<DryReplay> {
  const counts = new Counts(group);
  const failing: Trial[] = [];
  const working: Trial[] = [];
  for (const [index, statement] of requireWaiting(quarantine, group).entries()) {
    const trial = quarantine.trial(statement);
    if (trial === null) continue;
    const { error } = trial;
    const list = error === null ? working : failing;
    if (list.length < samplesMax) list.push(trial);
    counts.note(statement, trial.corrected, error === null ? used : { kind: 'failed', ...error });
    if (index % dryBatchMax === dryBatchMax - 1) await pause();
  }
  return { ...counts.report(), samples: [...failing, ...working].slice(0, samplesMax) };
}

const used = { kind: 'replayed', rows: [] } as const;

export async function replayGroup(
  engine: ReplayEngine,
  group: string,
  principal: string,
): Promise<ReplayReport> {
  const quarantine = quarantineOf(engine);
  const statements = requireWaiting(quarantine, group);
  const waiting = statements.length;
  await engine.control(principal, 'quarantine-replay', { group, waiting });
  const counts = new Counts(group);
  for (let from = 0; from < statements.length; from += batchMax) {
    const batch = statements.slice(from, from + batchMax);
    const ends = new Map<WaitingStatement, ReplayEnd>();
    const entries = new Map<WaitingStatement, WaitingEntry>();
    const arrivals: Arrival[] = [];
    for (const statement of batch) {
      const waiting = quarantine.entry(statement.offset);
      const stream = waiting === null ? undefined : runtimeIn(engine, waiting);
      if (waiting === null || stream === undefined) continue;
      entries.set(statement, waiting);
      // Told again when a commit has failed and the step is planned anew.
      const planned = (end: ReplayEnd) => void ends.set(statement, end);
      arrivals.push({ kind: 'replay', stream, waiting, planned });
      if (!waiting.isCorrected) continue;
      arrivals.push({
        kind: 'effects',
        apply(encoder) {
          if (ends.get(statement)?.kind === 'failed') return;
          encoder.meta(correctionName(statement.offset), null);
        },
      });
    }
    await engine.loop.submit(arrivals);
    engine.at('replay-durable');
    for (const statement of batch) {
      const end = ends.get(statement) ?? noStream;
      counts.note(statement, entries.get(statement)?.isCorrected === true, end);
    }
  }
  const report = counts.report();
  const { replayed, corrected, failed, settled } = report;
  const said = { group, replayed, corrected, failed, settled };
  await engine.control(principal, 'quarantine-replayed', said);
  return report;
}

const noStream: ReplayEnd = {
  kind: 'failed',
  code: 'E_NO_MAPPING',
  message: 'The stream of this record is not configured any more.',
};

/**
 * Prepares what is to be read instead of a record in quarantine, or takes it back with null. The
 * answer is what a replay would make of it; a correction that is no such record is refused.
 */
export async function correctRecord(
  engine: ReplayEngine,
  record: string,
  replacement: JsonObject | null,
  by: { readonly principal: string; readonly now: number },
): Promise<Trial | null> {
  const quarantine = quarantineOf(engine);
  const statement = quarantine.lastWaiting(record);
  const waiting = statement === null ? null : quarantine.entry(statement.offset);
  const stream = waiting === null ? undefined : runtimeIn(engine, waiting);
  if (statement === null || waiting === null || stream === undefined) {
    throw new HeadraceError('config', `${record} does not wait in quarantine.`, {
      code: 'E_NOT_QUARANTINED',
      hint: '`headrace quarantine` shows what does.',
    });
  }
  const { offset } = statement;
  const name = correctionName(offset);
  const { header } = waiting;
  const { source, stream: streamName } = header;
  const said = { source, stream: streamName, record, journal: offset };
  if (replacement === null) {
    await engine.control(by.principal, 'quarantine-correction', { ...said, taken: true }, (main) =>
      main.meta(name, null),
    );
    return null;
  }
  const bytes = Buffer.from(JSON.stringify(replacement));
  const corrected: WaitingEntry = { ...waiting, bytes, isCorrected: true };
  const trial = quarantine.try(record, corrected);
  const anew = replayedRecord({ stream, waiting: corrected });
  const preparation = anew === null ? null : prepare(anew);
  if (preparation?.ok !== true || trial.error?.code === 'E_CORRECTION') {
    const reason = preparation?.ok === false ? preparation.value.message : trial.error?.message;
    throw new HeadraceError('record', reason ?? 'The correction cannot be read.', {
      code: 'E_CORRECTION',
      hint: 'Send the whole record as its system would, with what was wrong put right.',
    });
  }
  const { ring, random } = engine;
  const day = Math.floor(by.now / dayMs);
  const handle =
    quarantine.subjectOf(stream, preparation) ?? quarantineHandle(ring, source, streamName, day);
  const hash = keyedHash(ring.storeKey, bytes).toString('hex');
  if (engine.reader.isErased(handle)) {
    throw new HeadraceError('record', 'The person this record is about was erased.', {
      code: 'E_CORRECTION',
      hint: 'Nothing of them may be kept; leave the personal fields out.',
    });
  }
  await engine.loop.submit([
    {
      kind: 'effects',
      apply(main, _keys, dataKey) {
        const key = dataKey(handle);
        if (key === null) return;
        const sealed = seal(key, bytes, plainHash(name), random).toString('base64');
        const stored = { record, handle: Buffer.from(handle).toString('hex'), sealed };
        main.meta(name, Buffer.from(JSON.stringify(stored)));
      },
    },
    {
      ...{ kind: 'entry', entry: 'control', source: '', stream: '' },
      body: { ...said, action: 'quarantine-correction', principal: by.principal, hash },
    },
  ]);
  return trial;
}

function requireWaiting(quarantine: Quarantine, group: string): WaitingStatement[] {
  const statements = quarantine.waiting(group);
  if (statements.length > 0) return statements;
  throw new HeadraceError('config', `Nothing waits in quarantine as ${group}.`, {
    code: 'E_NOT_QUARANTINED',
    hint: '`headrace quarantine` shows the groups there are.',
  });
}

function runtimeIn(
  { runners }: Pick<ReplayEngine, 'runners'>,
  { header }: WaitingEntry,
): StreamRuntime | undefined {
  return runners.get(`${header.source}/${header.stream}`)?.runtime;
}

class Counts {
  readonly #group: string;
  #waiting = 0;
  #corrected = 0;
  readonly #ends = { replayed: 0, failed: 0, settled: 0 };
  readonly #errors = new Map<
    string,
    { code: string; message: string; count: number; record: string }
  >();

  constructor(group: string) {
    this.#group = group;
  }

  note({ record }: WaitingStatement, isCorrected: boolean, end: ReplayEnd): void {
    this.#waiting += 1;
    this.#ends[end.kind] += 1;
    if (end.kind === 'replayed' && isCorrected) this.#corrected += 1;
    if (end.kind !== 'failed') return;
    const name = `${end.code} ${end.message}`;
    const known = this.#errors.get(name);
    if (known === undefined) {
      this.#errors.set(name, { code: end.code, message: end.message, count: 1, record });
    } else known.count += 1;
  }

  report(): ReplayReport {
    return {
      ...{ group: this.#group, waiting: this.#waiting, ...this.#ends, corrected: this.#corrected },
      errors: [...this.#errors.values()].sort((a, b) => b.count - a.count),
    };
  }
}
