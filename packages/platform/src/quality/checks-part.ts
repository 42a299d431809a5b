/**
 * Evaluates every check at every tick and keeps what it read as a bounded series. Checks of pairs
 * move when a reconciliation is journaled, for only that has looked at the keys.
 */
import type { EntityName } from '@headrace/sdk';
import type { FoldInput, FoldState } from '../engine/index.js';
import {
  advanceCheck,
  type CheckName,
  type CheckRow,
  emptyCheck,
  isQuietAt,
  type Reading,
  type WatchedStream,
} from './check-row.js';
import {
  clock,
  count,
  coverage,
  drift,
  quarantine,
  references,
  sequence,
  silence,
  structure,
  transitLag,
  volume,
  watermarkLag,
} from './checks.js';
import { type CoverageFacts, type CoverageKind, coverageKey, coverageTable } from './coverage.js';
import { type DuplicateFacts, duplicateKey, duplicateTable } from './duplicates.js';
import type { PairSpec } from './pairs.js';
import type { Part } from './part.js';
import { type SequencesRow, sequenceTable } from './sequences.js';
import {
  type Baseline,
  baselineTable,
  emptyBaseline,
  type StreamFacts,
  streamFactsTable,
} from './stream-facts.js';
import { type ValueFacts, valueFactsTable } from './value-facts.js';

export const checkTable = { name: 'quality_check', kind: 'keyed' } as const;

export interface ChecksSpec {
  readonly streams: readonly WatchedStream[];
  readonly pairs: readonly PairSpec[];
  /** What of a variant any connected stream can tell. */
  readonly coverage: readonly CoverageKind[];
}

export function checkKey(check: CheckName, target: string): string {
  return `${check} ${target}`;
}

const streamChecks = [
  'watermark-lag',
  'transit-lag',
  'silence',
  'volume',
  'count',
  'sequence',
  'structure',
  'drift',
  'clock',
  'quarantine',
] as const;

const emptyBase: Baseline = emptyBaseline();

export function checksPart({ streams, pairs, coverage: kinds }: ChecksSpec): Part {
  const named = streams.map((stream) => ({
    ...{ name: `${stream.source}/${stream.stream}`, stream },
    graceMs: graceOf(stream, pairs),
  }));
  const toldBy = new Map(
    kinds.flatMap((kind): [CoverageKind, string][] => {
      const first = streams.find((stream) =>
        stream.entities.some((entity) => entitiesOf[kind].includes(entity)),
      );
      return first === undefined ? [] : [[kind, first.source]];
    }),
  );
  return {
    tables: [checkTable],
    declareKeys(input, need) {
      if (isReconciled(input)) {
        const pair = pairs.find(({ name }) => name === input.body?.['pair']);
        if (pair !== undefined) need(checkTable.name, checkKey(pair.kind as CheckName, pair.name));
      }
      if (input.header.kind !== 'tick') return;
      for (const { name } of named) {
        for (const check of streamChecks) need(checkTable.name, checkKey(check, name));
      }
      for (const kind of kinds) need(checkTable.name, checkKey('coverage', kind));
      need(checkTable.name, checkKey('references', 'variant'));
      need(checkTable.name, checkKey('duplicates', 'gtin'));
    },
    plan(input, state) {
      if (isReconciled(input)) return noteReconciled(input, pairs, state);
      if (input.header.kind !== 'tick') return;
      const now = input.header.knownAt;
      for (const { name, stream, graceMs } of named) lookAt(name, stream, graceMs, now, state);
      lookAtVariants(kinds, toldBy, now, state);
    },
  };
}

/** How long a number may fail to come: an hour, or what a system is given to take over what another tells. */
function graceOf({ source, stream, contract }: WatchedStream, pairs: readonly PairSpec[]): number {
  const led = pairs.filter(({ b }) => b.source === source && b.stream === stream);
  return contract.sloMs + Math.max(3_600_000, ...led.map(({ graceMs }) => graceMs));
}

function lookAt(
  name: string,
  stream: WatchedStream,
  graceMs: number,
  now: number,
  state: FoldState,
): void {
  const facts = read<StreamFacts>(state, streamFactsTable.name, name);
  if (facts === undefined) return;
  const base = read<Baseline>(state, baselineTable.name, name) ?? emptyBase;
  const values = read<ValueFacts>(state, valueFactsTable.name, name);
  const ranges = Object.values(read<SequencesRow>(state, sequenceTable.name, name)?.ranges ?? {});
  const { contract } = stream;
  const quiet = isQuietAt(stream, now);
  const say = (check: CheckName, reading: Reading, isQuiet = false) =>
    advance(check, name, stream.source, reading, now, isQuiet, state);
  say('watermark-lag', watermarkLag(facts, stream, now), quiet);
  say('transit-lag', transitLag(facts, base, stream), quiet);
  say('silence', silence(facts, base, now), quiet);
  say('volume', volume(facts, base), quiet);
  say('count', count(facts));
  say('clock', clock(facts));
  say('quarantine', quarantine(facts, contract));
  if (ranges.length > 0) say('sequence', sequence(ranges, graceMs, now));
  if (values === undefined) return;
  say('structure', structure(facts, values, contract));
  say('drift', drift(values, now));
}

/** What of a variant an entity tells. */
const entitiesOf: Readonly<Record<CoverageKind, readonly EntityName[]>> = {
  price: ['price'],
  cost: ['cost'],
  stock: ['stock'],
  category: ['listing'],
  leadTime: ['supplierItem', 'replenishment'],
};

function lookAtVariants(
  kinds: readonly CoverageKind[],
  toldBy: ReadonlyMap<CoverageKind, string>,
  now: number,
  state: FoldState,
): void {
  const facts = read<CoverageFacts>(state, coverageTable.name, coverageKey);
  if (facts !== undefined) {
    for (const kind of kinds) {
      const culprit = toldBy.get(kind) ?? kind;
      advance('coverage', kind, culprit, coverage(facts, kind, []), now, false, state);
    }
    const culprit = facts.orphanBy ?? 'variant';
    advance('references', 'variant', culprit, references(facts, []), now, false, state);
  }
  const shared = read<DuplicateFacts>(state, duplicateTable.name, duplicateKey);
  if (shared === undefined) return;
  const limit = Math.floor(shared.numbers / 1000);
  const isBad = shared.shared > limit;
  const why = isBad ? `${shared.shared} GTINs are carried by more than one variant.` : null;
  const reading: Reading = {
    ...{ verdict: isBad ? 'bad' : 'ok', value: shared.shared, limit, unit: 'count', why },
    evidence: shared.last,
  };
  advance('duplicates', 'gtin', shared.by ?? 'variant', reading, now, false, state);
}

function isReconciled({ header, body }: FoldInput): boolean {
  return header.kind === 'control' && body?.['action'] === 'reconciled';
}

/** What a reconciliation found, as journaled: its settled differences are past their two strikes. */
function noteReconciled({ header, body }: FoldInput, pairs: readonly PairSpec[], state: FoldState) {
  const pair = pairs.find(({ name }) => name === body?.['pair']);
  if (pair === undefined || body === null) return;
  const compared = Number(body['compared']);
  const value = Number(body['settled']);
  const keys = (body['keys'] as readonly string[] | undefined) ?? [];
  const { a, b } = pair;
  const why =
    value === 0 ? null : `${a.source} and ${b.source} disagree on ${value} of ${compared} keys.`;
  const reading: Reading = {
    ...{ verdict: value > 0 ? 'bad' : 'ok', value, limit: 0, unit: 'count', why },
    ...{ evidence: keys.slice(0, 10), strikes: 1 },
  };
  const culprit = String(body['culprit'] ?? b.source);
  advance(pair.kind as CheckName, pair.name, culprit, reading, header.knownAt, false, state);
}

function advance(
  check: CheckName,
  target: string,
  culprit: string,
  reading: Reading,
  now: number,
  isQuiet: boolean,
  state: FoldState,
): void {
  const key = checkKey(check, target);
  const row =
    read<CheckRow>(state, checkTable.name, key) ?? emptyCheck(check, target, culprit, now);
  // A copy: what is changed in place and not set is written or not as batches happen to be cut.
  const moved = { ...row, culprit };
  if (advanceCheck(moved, reading, now, isQuiet) || culprit !== row.culprit) {
    state.set(checkTable.name, key, moved as never);
  }
}

function read<Row>(state: FoldState, table: string, key: string): Row | undefined {
  return state.get(table, key) as unknown as Row | undefined;
}
