/**
 * What two systems disagree on, key by key, with the most likely cause and the hop it happened on.
 *
 * A difference is *pending* while a change may be on its way: until both streams are known whole for
 * the grace of the pair past the last change of either side, and for two reads more (two strikes).
 * Only then it *differs*. What goes on changing would never be still for so long: it differs, too, once it
 * was level at no moment of that time, or of several times as much where the changes on their way may be
 * all there is between the two. All of that follows from journaled times, so asking twice says the same.
 */
import type { RecordState, StreamRunner } from '../engine/index.js';
import { recordTable } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';
import type { CheckRow, WatchedStream } from './check-row.js';
import { checkKey, checkTable } from './checks-part.js';
import { isMoving } from './moves.js';
import {
  differsIndex,
  isNear,
  movesOf,
  type PairCounts,
  type PairRow,
  type PairSpec,
  pairCountTable,
  pairRowKey,
  pairTable,
  type SideState,
  sideValue,
} from './pairs.js';
import { type StreamFacts, streamFactsTable } from './stream-facts.js';

export type Cause = 'late' | 'lost' | 'mapping' | 'unit' | 'double' | 'unknown';

export interface DifferingKey {
  readonly key: string;
  /** Plain decimals; null where a side says nothing. */
  readonly a: string | null;
  readonly b: string | null;
  readonly since: number;
  readonly state: 'pending' | 'differs';
  readonly cause: Cause;
  /** Where it happened, as `erp → shop`. */
  readonly hop: string;
  /** System that has to be looked at. */
  readonly culprit: string;
  readonly why: string;
  readonly records: { readonly a: string | null; readonly b: string | null };
}

export interface Reconciliation {
  readonly pair: string;
  readonly kind: string;
  readonly a: string;
  readonly b: string;
  readonly compared: number;
  /** Keys that differ and are settled; `pending` may still be on their way. */
  readonly differing: number;
  readonly pending: number;
  readonly at: number;
  /** Up to when each side is known whole. */
  readonly through: { readonly a: number | null; readonly b: number | null };
  readonly keys: readonly DifferingKey[];
}

const keysMax = 1000;
/** How many keys that differ are looked at. */
export const lookMax = 20_000;
/** Of the time a difference is given to settle, where changes on their way may explain it. */
const unbrokenMax = 4;
const factors = [6n, 10n, 12n, 24n, 100n, 1000n];

export interface ReconcileOptions {
  readonly reader: StoreReader;
  readonly streams: readonly WatchedStream[];
  readonly pairs: readonly PairSpec[];
}

export class Reconciler {
  readonly #options: ReconcileOptions;

  constructor(options: ReconcileOptions) {
    this.#options = options;
  }

  get pairs(): readonly PairSpec[] {
    return this.#options.pairs;
  }

  /** Reads the keys that differ and nothing else. */
  reconcile(pair: PairSpec, now: number, limit = keysMax): Reconciliation {
    const { reader } = this.#options;
    const counts = this.#row<PairCounts>(pairCountTable.name, pair.name);
    const through = { a: this.#through(pair.a), b: this.#through(pair.b) };
    // What the second side never states cannot be missing there.
    const isStated = (counts?.b ?? 0) > 0;
    const members = isStated
      ? reader.members(differsIndex.name, [pair.name]).slice(0, lookMax)
      : [];
    const rows = new Map(
      chunked(members.map(({ member }) => pairRowKey(pair.name, member))).flatMap((keys) =>
        reader
          .rows(pairTable.name, keys)
          .map((row) => [row.key, JSON.parse(row.value) as PairRow] as const),
      ),
    );
    const keys: DifferingKey[] = [];
    for (const { member } of members) {
      const row = rows.get(pairRowKey(pair.name, member));
      const found = row === undefined ? null : this.#judge(pair, member, row, through, now);
      if (found !== null) keys.push(found);
    }
    keys.sort(
      (x, y) => Number(x.state === 'pending') - Number(y.state === 'pending') || x.since - y.since,
    );
    const differing = keys.filter(({ state }) => state === 'differs').length;
    return {
      ...{ pair: pair.name, kind: pair.kind, a: pair.a.source, b: pair.b.source },
      compared: counts?.compared ?? 0,
      ...{ differing, pending: keys.length - differing, at: now, through },
      keys: keys.slice(0, limit),
    };
  }

  /** Whether the two systems are settled in disagreement about this one key. */
  keyDiffers(pair: PairSpec, key: string, now: number): DifferingKey | null {
    const row = this.#row<PairRow>(pairTable.name, pairRowKey(pair.name, key));
    if (row === null || row.since === null) return null;
    const through = { a: this.#through(pair.a), b: this.#through(pair.b) };
    const found = this.#judge(pair, key, row, through, now);
    return found?.state === 'differs' ? found : null;
  }

  /** Source records behind these keys, by `source/stream`, to be read again. */
  recordsOf(pair: PairSpec, keys: readonly string[]): Map<string, string[]> {
    const found = new Map<string, string[]>();
    const { reader } = this.#options;
    for (const chunk of chunked(keys.map((key) => pairRowKey(pair.name, key)))) {
      for (const row of reader.rows(pairTable.name, chunk)) {
        const { a, b } = JSON.parse(row.value) as PairRow;
        addRecord(found, pair.a.source, a);
        addRecord(found, pair.b.source, b);
      }
    }
    return found;
  }

  #judge(
    pair: PairSpec,
    key: string,
    row: PairRow,
    through: Reconciliation['through'],
    now: number,
  ): DifferingKey | null {
    const a = valueAt(pair, row.a, now);
    const b = valueAt(pair, row.b, now);
    // A price may have begun or ended to hold since the last change.
    if (a === null || (b === null && (pair.kind === 'stock' || pair.kind === 'price'))) return null;
    if (b !== null && isNear(pair, BigInt(a), BigInt(b))) return null;
    const changedAt = Math.max(row.a?.at ?? 0, row.b?.at ?? 0);
    const since = row.since ?? changedAt;
    const moves = movesOf(row);
    const isSettled = (['a', 'b'] as const).every((side) => {
      const settleMs = pair.graceMs + 2 * this.#everyMs(pair[side]);
      const known = through[side];
      if (known === null) return false;
      const unbroken = isMoving(moves, known - settleMs) ? unbrokenMax : 1;
      return known - changedAt >= settleMs || known - since >= unbroken * settleMs;
    });
    const cause = this.#causeOf(pair, row, a, b, through, now);
    return {
      ...{
        key,
        a: decimalOf(a),
        b: b === null ? null : decimalOf(b),
        since,
      },
      state: isSettled ? 'differs' : 'pending',
      ...cause,
      records: {
        a: recordOf(pair.a.source, row.a),
        b: recordOf(pair.b.source, row.b),
      },
    };
  }

  #causeOf(
    pair: PairSpec,
    row: PairRow,
    a: string,
    b: string | null,
    through: Reconciliation['through'],
    now: number,
  ): Pick<DifferingKey, 'cause' | 'hop' | 'culprit' | 'why'> {
    const [first, second] = [pair.a.source, pair.b.source];
    const between = `${first} → ${second}`;
    for (const side of ['a', 'b'] as const) {
      const fault = this.#faultOf(pair[side].source, row[side]);
      if (fault !== null) {
        const { source } = pair[side];
        return { cause: 'mapping', hop: `${source} → headrace`, culprit: source, why: fault };
      }
    }
    for (const side of ['a', 'b'] as const) {
      const { source } = pair[side];
      const known = through[side];
      const limit = this.#stream(pair[side])?.contract.sloMs ?? 0;
      if (known === null || now - known > limit) {
        const why = `${source} was last known whole ${Math.round((now - (known ?? 0)) / 1000)} s ago.`;
        return { cause: 'late', hop: `${source} → headrace`, culprit: source, why };
      }
    }
    for (const side of ['a', 'b'] as const) {
      const { source, stream } = pair[side];
      const key = checkKey('silence', `${source}/${stream}`);
      const row = this.#row<CheckRow>(checkTable.name, key);
      if (row?.state !== 'alarm') continue;
      const why = `${source} answers, and tells nothing new: ${row.why ?? ''}`;
      return { cause: 'late', hop: `${source} → headrace`, culprit: source, why };
    }
    if (b === null) {
      return { cause: 'lost', hop: between, culprit: second, why: `${second} does not have it.` };
    }
    const [few, many] = [row.a, row.b].map((side) => Object.keys(side?.rows ?? {}).length);
    if (pair.kind === 'orders' && (many ?? 0) > (few ?? 0) && BigInt(b) > BigInt(a)) {
      const why = `${second} has ${many} documents of it, ${first} has ${few}.`;
      return { cause: 'double', hop: between, culprit: second, why };
    }
    const factor = factorBetween(BigInt(a), BigInt(b));
    if (factor !== null) {
      // The side that jumped is the one to look at.
      const culprit = jumpedBy(row.a, factor) ? first : second;
      return { cause: 'unit', hop: between, culprit, why: `One is ${factor} times the other.` };
    }
    if (isDouble(row)) {
      return {
        cause: 'double',
        hop: between,
        culprit: second,
        why: 'The last change was applied twice.',
      };
    }
    if ((row.b?.at ?? 0) < (row.a?.at ?? 0)) {
      const why = `${second} did not follow the last change of ${first}.`;
      return { cause: 'lost', hop: between, culprit: second, why };
    }
    const news = this.#facts(pair.a)?.newsAt ?? null;
    if (news !== null && news < (row.b?.at ?? 0) && now - news > pair.graceMs) {
      const why = `${first} told nothing at all since; ${second} goes on changing.`;
      return { cause: 'late', hop: `${first} → headrace`, culprit: first, why };
    }
    const why = `${second} changed after ${first} did.`;
    return { cause: 'unknown', hop: between, culprit: second, why };
  }

  #faultOf(source: string, side: SideState | null): string | null {
    if (side === null || side.record === '') return null;
    const state = this.#row<RecordState>(recordTable.name, `${source}/${side.record}`);
    return state?.fault == null ? null : `Its record is in quarantine: ${state.fault.message}`;
  }

  #through(side: PairSpec['a']): number | null {
    return this.#facts(side)?.through ?? null;
  }

  #facts({ source, stream }: PairSpec['a']): StreamFacts | null {
    return this.#row<StreamFacts>(streamFactsTable.name, `${source}/${stream}`);
  }

  #stream({ source, stream }: PairSpec['a']): WatchedStream | undefined {
    return this.#options.streams.find((one) => one.source === source && one.stream === stream);
  }

  #everyMs(side: PairSpec['a']): number {
    return this.#stream(side)?.everyMs ?? 0;
  }

  #row<Row>(table: string, key: string): Row | null {
    const row = this.#options.reader.row(table, key);
    return row === undefined ? null : (JSON.parse(row.value) as Row);
  }
}

/** Marks the records of these keys to be read again at both systems; returns how many were marked. */
export async function readAgain(
  runners: ReadonlyMap<string, Pick<StreamRunner, 'mark' | 'isAsked' | 'dirty'>>,
  records: ReadonlyMap<string, readonly string[]>,
  now: number,
): Promise<{
  readonly count: number;
  /** Resolves once all were read, or with the signal. */
  done(signal: AbortSignal): Promise<void>;
}> {
  let count = 0;
  const reads: ((signal: AbortSignal) => Promise<void>)[] = [];
  for (const [stream, keys] of records) {
    const runner = runners.get(stream);
    if (runner?.isAsked !== true) continue;
    await runner.mark(keys, now);
    reads.push((signal) => runner.dirty.cleared(keys, signal));
    count += keys.length;
  }
  return {
    count,
    async done(signal) {
      await Promise.all(reads.map((read) => read(signal)));
    },
  };
}

function valueAt(pair: PairSpec, side: SideState | null, now: number): string | null {
  if (side === null) return null;
  return pair.kind === 'price' ? sideValue(pair.kind, side.rows, now) : side.value;
}

/** The system most of these differences are laid at; of equals, the first by name. */
export function commonestCulprit(differing: readonly Pick<DifferingKey, 'culprit'>[]): string {
  const counts = new Map<string, number>();
  for (const { culprit } of differing) counts.set(culprit, (counts.get(culprit) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? '';
}

function addRecord(found: Map<string, string[]>, source: string, side: SideState | null): void {
  if (side === null || side.record === '') return;
  const [stream = '', ...key] = side.record.split('/');
  const name = `${source}/${stream}`;
  const keys = found.get(name) ?? [];
  if (!keys.includes(key.join('/'))) keys.push(key.join('/'));
  found.set(name, keys);
}

function recordOf(source: string, side: SideState | null): string | null {
  return side === null || side.record === '' ? null : `${source}/${side.record}`;
}

function factorBetween(a: bigint, b: bigint): bigint | null {
  if (a === 0n || b === 0n) return null;
  return factors.find((factor) => a === b * factor || b === a * factor) ?? null;
}

/** Whether the last change of this side was by that factor. */
function jumpedBy(side: SideState | null, factor: bigint): boolean {
  if (side?.value == null || side.before === null) return false;
  return factorBetween(BigInt(side.value), BigInt(side.before)) === factor;
}

function isDouble({ a, b }: PairRow): boolean {
  if (a?.value == null || a.before === null || b?.value == null || b.before === null) return false;
  const moved = BigInt(a.value) - BigInt(a.before);
  return moved !== 0n && BigInt(b.value) - BigInt(b.before) === 2n * moved;
}

function decimalOf(micros: string): string {
  const value = BigInt(micros);
  const size = (value < 0n ? -value : value).toString().padStart(7, '0');
  const part = size.slice(-6).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${size.slice(0, -6)}${part === '' ? '' : `.${part}`}`;
}

function chunked<Item>(items: readonly Item[], size = 500): Item[][] {
  const chunks: Item[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
