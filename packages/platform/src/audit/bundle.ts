/**
 * A proof bundle: entries of a journal with their inclusion proofs under one signed checkpoint, in one
 * JSON document. Whoever has the log's public key can check it anywhere; no store, no network.
 */
import { ensureError, HeadraceError, type JsonObject } from '@headrace/sdk';
import { z } from 'zod';
import { checkCheckpoint } from './checkpoint.js';
import { decodeHeader } from './entry-header.js';
import { leafOfHashes, sha256 } from './merkle.js';
import { checkInclusion } from './tree-proof.js';

export const bundleFormat = 'headrace-proof/1';

const base64 = z.base64();

export const bundleSchema = z.strictObject({
  format: z.literal(bundleFormat),
  /** What was asked for, and what is said of it; the entries prove themselves, not this. */
  about: z.record(z.string(), z.unknown()),
  checkpoint: z.string(),
  entries: z.array(
    z.strictObject({
      offset: z.number().int().min(0),
      header: base64,
      /** The business part; null where it is no longer held. */
      body: base64.nullable(),
      bodyHash: base64,
      /** Of the sealed part, which is never handed out; of nothing where there was none. */
      sealedHash: base64,
      path: z.array(base64),
    }),
  ),
});

export type Bundle = z.infer<typeof bundleSchema>;

/** A source record as its entry says, proved. */
export interface ProvedEntry {
  readonly offset: number;
  readonly kind: string;
  readonly source: string;
  readonly stream: string;
  readonly key: string;
  readonly version: string | null;
  readonly eventAt: string | null;
  readonly knownAt: string;
  readonly gone: boolean;
  readonly body: JsonObject | null;
}

export interface CheckedBundle {
  readonly ok: boolean;
  /** Entries proved. */
  readonly entries: number;
  /** Root of the checkpoint, hex. */
  readonly root: string;
  readonly firstBad: { readonly at: string; readonly why: string } | null;
  readonly sources: readonly ProvedEntry[];
}

export function parseBundle(text: string): Bundle {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notBundle(cause);
  }
  const parsed = bundleSchema.safeParse(value);
  if (!parsed.success) throw notBundle(parsed.error);
  return parsed.data;
}

/** Checks everything there is to check, with nothing but the public key. */
export function checkBundle(bundle: Bundle, publicKey: string): CheckedBundle {
  let checkpoint: ReturnType<typeof checkCheckpoint>;
  try {
    checkpoint = checkCheckpoint(bundle.checkpoint, publicKey);
  } catch (thrown) {
    const firstBad = { at: 'checkpoint', why: ensureError(thrown).message };
    return { ok: false, entries: 0, root: '', firstBad, sources: [] };
  }
  const sources: ProvedEntry[] = [];
  let firstBad: CheckedBundle['firstBad'] = null;
  for (const entry of bundle.entries) {
    const why = faultOf(entry, checkpoint);
    if (why === null) sources.push(provedOf(entry));
    else firstBad ??= { at: `entry ${entry.offset}`, why };
  }
  const root = Buffer.from(checkpoint.root).toString('hex');
  return { ok: firstBad === null, entries: sources.length, root, firstBad, sources };
}

type BundleEntry = Bundle['entries'][number];

function faultOf(
  entry: BundleEntry,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
): string | null {
  const header = bytesOf(entry.header);
  const bodyHash = bytesOf(entry.bodyHash);
  if (entry.body !== null && !sha256(bytesOf(entry.body)).equals(bodyHash)) {
    return 'its body is not the one it was journaled with';
  }
  let offset: number;
  try {
    ({ offset } = decodeHeader(header));
  } catch {
    return 'its header cannot be read';
  }
  if (offset !== entry.offset) return `its header is that of entry ${offset}`;
  const leaf = leafOfHashes(header, bodyHash, bytesOf(entry.sealedHash));
  const holds = checkInclusion(leaf, entry.offset, size, entry.path.map(bytesOf), root);
  return holds ? null : 'it is not in the log of this checkpoint';
}

function provedOf(entry: BundleEntry): ProvedEntry {
  const header = decodeHeader(bytesOf(entry.header));
  const { kind, source, stream, key, version, gone } = header;
  return {
    ...{ offset: entry.offset, kind, source, stream, key, version, gone },
    eventAt: header.eventAt === null ? null : new Date(header.eventAt).toISOString(),
    knownAt: new Date(header.knownAt).toISOString(),
    body: bodyOf(entry.body),
  };
}

function bodyOf(body: string | null): JsonObject | null {
  if (body === null || body === '') return null;
  return JSON.parse(bytesOf(body).toString('utf8')) as JsonObject;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

function notBundle(cause: unknown): HeadraceError {
  return new HeadraceError('config', 'This is not a proof bundle.', {
    code: 'E_BUNDLE',
    hint: 'It is one JSON document, made with `headrace trace ID --bundle FILE`.',
    cause,
  });
}
