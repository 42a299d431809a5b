/**
 * The lines of one key of a view as columns: dates, times of knowing, and each measure as plain
 * doubles, so that a window is a loop over numbers. Read from the log's text byte by byte: nothing is
 * made of a line but numbers in buffers, which are used again for the next key.
 *
 * Only what is exact in doubles is taken: sums of all magnitudes below 2^53, one unit a measure, a
 * few streams. Other keys are rare, and are for the general walk (`evaluate`).
 */
import { type Measure, measuresOf } from './aggregates.js';
import type { FeatureView } from './definition.js';
import { imports, retracts } from './feature-fold.js';
import type { Stretch } from './lines.js';
import type { Encoded } from './measures.js';

/** How an aggregate's measures are kept. */
export type ColumnKind = 'flag' | 'number' | 'told' | 'measure';

export interface MeasureColumn {
  readonly kind: ColumnKind;
  /** Squares of its numbers are added up. */
  readonly hasSquares: boolean;
  /** `number`: millionths, NaN where there are none; `flag`: 1 for what counts. */
  numbers: Float64Array;
  /** The one unit of all numbers; null before there is one. */
  unit: string | null;
  /** Its bytes, in the stretch they were first met in. */
  unitBytes: Buffer;
  unitStart: number;
  unitEnd: number;
  /** Greatest number that divides all of them: keeps squares small. */
  divisor: number;
  /** `told` and `measure`: where in the text each was said. */
  start: Int32Array;
  end: Int32Array;
  /** What was asked for of `told`, by line. */
  encoded: (Encoded | undefined)[];
  measures: Measure[];
}

const safe = Number.MAX_SAFE_INTEGER;
/** As many as bits of a number tell apart. */
const feedsMax = 30;
/** Its square is a whole number that a double holds. */
const divisorMax = 94_906_265;
const roomAtFirst = 64;

const code = (character: string) => character.charCodeAt(0);
const [comma, minus, zero, quote, backslash] = [',', '-', '0', '"', '\\'].map(code) as [
  number,
  number,
  number,
  number,
  number,
];
const [opening, closing, brace, isFalse, isNull] = ['[', ']', '{', 'f', 'n'].map(code) as [
  number,
  number,
  number,
  number,
  number,
];
const noBytes = Buffer.alloc(0);

export class KeyColumns {
  readonly view: FeatureView;
  readonly columns: readonly MeasureColumn[];
  size = 0;
  at = new Float64Array(roomAtFirst);
  /** When each was known, or is taken to have been known. */
  since = new Float64Array(roomAtFirst);
  knownAt = new Float64Array(roomAtFirst);
  seq = new Float64Array(roomAtFirst);
  /** Bit of its stream. */
  feedBit = new Int32Array(roomAtFirst);
  isGone = new Uint8Array(roomAtFirst);
  /** Lines of one date: of each the first one's place; -1 for a line that is alone on its date. */
  dateOf = new Int32Array(roomAtFirst);
  /** Of lines that share a date: the first one that says the same. */
  sameAs = new Int32Array(roomAtFirst);
  feeds: number[] = [];
  #stretches: readonly Stretch[] = [];
  #stretchOf = new Int32Array(roomAtFirst);
  #valueStart = new Int32Array(roomAtFirst);
  #valueEnd = new Int32Array(roomAtFirst);
  #bytes: Buffer = noBytes;
  #place = 0;

  constructor(view: FeatureView) {
    this.view = view;
    this.columns = view.aggregates.map(({ kind }) => ({
      kind: columnKind(kind),
      hasSquares: kind === 'variance' || kind === 'deviation',
      ...{ numbers: new Float64Array(roomAtFirst), unit: null, divisor: 0 },
      ...{ unitBytes: noBytes, unitStart: 0, unitEnd: 0 },
      ...{ start: new Int32Array(roomAtFirst), end: new Int32Array(roomAtFirst) },
      ...{ encoded: [], measures: [] },
    }));
  }

  /** Takes the lines of a key written before entry `k`; false when they need the general walk. */
  take(stretches: readonly Stretch[], k: number): boolean {
    this.size = 0;
    this.feeds = [];
    this.#stretches = stretches;
    for (const column of this.columns) {
      column.unit = null;
      column.divisor = 0;
      column.encoded.length = 0;
    }
    for (let index = 0; index < stretches.length; index += 1) {
      const { bytes, start, end } = stretches[index] as Stretch;
      this.#bytes = bytes;
      this.#place = start;
      while (this.#place < end) if (!this.#takeLine(index, k)) return false;
    }
    this.#tieDates();
    return this.#isExact();
  }

  /** What a line told of a measure. */
  encodedAt(column: MeasureColumn, line: number): Encoded {
    let encoded = column.encoded[line];
    if (encoded === undefined) {
      encoded = JSON.parse(this.textAt(column, line)) as Encoded;
      column.encoded[line] = encoded;
    }
    return encoded;
  }

  /** The same as it is written. */
  textAt({ start, end }: MeasureColumn, line: number): string {
    return this.#text(line, start[line] as number, end[line] as number);
  }

  #text(line: number, start: number, end: number): string {
    const { bytes } = this.#stretches[this.#stretchOf[line] as number] as Stretch;
    return bytes.toString('utf8', start, end);
  }

  #takeLine(stretch: number, k: number): boolean {
    const line = this.size;
    if (line === this.at.length) this.#grow();
    this.#whole();
    const at = this.#whole();
    const seq = this.#whole();
    this.#whole();
    const knownAt = this.#whole();
    const kind = this.#whole();
    const feed = this.#whole();
    const lead = this.#whole();
    this.#stretchOf[line] = stretch;
    this.#valueStart[line] = this.#place;
    this.#place += 1;
    for (const column of this.columns) {
      if (!this.#takeMeasure(column, line)) return false;
      // Behind each is a comma, and behind the last the end of the list.
      this.#place += 1;
    }
    if (this.#bytes[this.#place - 1] !== closing) return false;
    this.#valueEnd[line] = this.#place;
    this.#place += 1;
    if (seq >= k) return true;
    const bit = this.#bitOf(feed);
    if (bit === 0 || lead !== 0) return false;
    this.at[line] = at;
    this.seq[line] = seq;
    this.knownAt[line] = knownAt;
    const { importLagMs } = this.view;
    this.since[line] = (kind & imports) === 0 ? knownAt : Math.min(knownAt, at + importLagMs);
    this.feedBit[line] = bit;
    this.isGone[line] = kind & retracts;
    this.size = line + 1;
    return true;
  }

  #takeMeasure(column: MeasureColumn, line: number): boolean {
    const bytes = this.#bytes;
    const first = bytes[this.#place] as number;
    switch (column.kind) {
      case 'flag':
        column.numbers[line] = first === isNull || first === isFalse ? 0 : 1;
        return this.#skip();
      case 'number': {
        let number = Number.NaN;
        if (first === opening) {
          if (bytes[this.#place + 1] !== quote || !this.#takeUnit(column)) return false;
          const sign = bytes[this.#place] as number;
          if (sign !== minus && (sign < zero || sign > zero + 9)) return false;
          number = this.#number();
          this.#place += 1;
        } else if (first === minus || (first >= zero && first <= zero + 9)) {
          if (column.unit !== null && column.unit !== '') return false;
          column.unit = '';
          number = this.#number();
        } else if (first === brace || !this.#skip()) return false;
        column.numbers[line] = number;
        return true;
      }
      default:
        column.start[line] = this.#place;
        if (!this.#skip()) return false;
        column.end[line] = this.#place;
        if (column.kind === 'measure') {
          const text = bytes.toString('utf8', column.start[line], this.#place);
          column.measures[line] = measuresOf(`[${text}]`)[0] as Measure;
        }
        return true;
    }
  }

  /** Reads `["unit",` and says whether it is the unit of all before it. */
  #takeUnit(column: MeasureColumn): boolean {
    const bytes = this.#bytes;
    const start = this.#place + 2;
    let end = start;
    for (; bytes[end] !== quote; end += 1) if (bytes[end] === backslash) return false;
    this.#place = end + 2;
    if (column.unit === null) {
      column.unit = bytes.toString('utf8', start, end);
      column.unitBytes = bytes;
      column.unitStart = start;
      column.unitEnd = end;
      return true;
    }
    const { unitBytes, unitStart, unitEnd } = column;
    if (column.unit === '' || end - start !== unitEnd - unitStart) return false;
    for (let index = start; index < end; index += 1) {
      if (bytes[index] !== unitBytes[unitStart + index - start]) return false;
    }
    return true;
  }

  /** A whole number and the comma behind it. */
  #whole(): number {
    const number = this.#number();
    this.#place += 1;
    return number;
  }

  #number(): number {
    const bytes = this.#bytes;
    let place = this.#place;
    const isNegative = bytes[place] === minus;
    if (isNegative) place += 1;
    let number = 0;
    for (let digit = bytes[place] as number; digit >= zero && digit <= zero + 9; ) {
      number = number * 10 + digit - zero;
      place += 1;
      digit = bytes[place] as number;
    }
    this.#place = place;
    return isNegative ? -number : number;
  }

  /** Past whatever is written here; false where it is no plain value. */
  #skip(): boolean {
    const bytes = this.#bytes;
    let place = this.#place;
    let depth = 0;
    for (;;) {
      const byte = bytes[place] as number;
      if (byte === quote) {
        place += 1;
        for (; bytes[place] !== quote; place += 1) if (bytes[place] === backslash) place += 1;
        place += 1;
      } else if (byte === opening || byte === brace) {
        depth += 1;
        place += 1;
      } else if (byte === closing || byte === brace + 2) {
        if (depth === 0) break;
        depth -= 1;
        place += 1;
      } else if (byte === comma && depth === 0) break;
      else if (byte === undefined) return false;
      else place += 1;
      if (depth === 0 && (bytes[place] === comma || bytes[place] === closing)) break;
    }
    this.#place = place;
    return true;
  }

  /** Whether all sums stay exact, whatever lines they are over. */
  #isExact(): boolean {
    for (const column of this.columns) {
      if (column.kind !== 'number') continue;
      const { numbers } = column;
      let sum = 0;
      let divisor = 0;
      for (let line = 0; line < this.size; line += 1) {
        const size = Math.abs(numbers[line] as number);
        if (Number.isNaN(size)) continue;
        sum += size;
        if (divisor !== 1 && column.hasSquares) divisor = commonDivisor(divisor, size);
      }
      if (sum > safe) return false;
      column.divisor = divisor > divisorMax || divisor === 0 ? 1 : divisor;
      if (column.hasSquares && !hasSafeSquares(column, this.size)) return false;
    }
    return true;
  }

  /** Finds lines of one date: only among them can one take back another. */
  #tieDates(): void {
    const { at, dateOf, sameAs, size } = this;
    for (let first = 0; first < size; ) {
      let end = first + 1;
      while (end < size && at[end] === at[first]) end += 1;
      if (end === first + 1) dateOf[first] = -1;
      else {
        const said = new Map<string, number>();
        for (let line = first; line < end; line += 1) {
          dateOf[line] = first;
          const [start, until] = [this.#valueStart[line], this.#valueEnd[line]] as [number, number];
          const value = this.#text(line, start, until);
          const same = said.get(value);
          if (same === undefined) said.set(value, line);
          sameAs[line] = same ?? line;
        }
      }
      first = end;
    }
  }

  /** 0 when there are too many streams to tell apart. */
  #bitOf(feed: number): number {
    let place = this.feeds.indexOf(feed);
    if (place === -1) {
      if (this.feeds.length === feedsMax) return 0;
      place = this.feeds.push(feed) - 1;
    }
    return 1 << place;
  }

  #grow(): void {
    this.at = doubled(this.at);
    this.since = doubled(this.since);
    this.knownAt = doubled(this.knownAt);
    this.seq = doubled(this.seq);
    this.feedBit = doubled(this.feedBit);
    this.isGone = doubled(this.isGone);
    this.dateOf = doubled(this.dateOf);
    this.sameAs = doubled(this.sameAs);
    this.#stretchOf = doubled(this.#stretchOf);
    this.#valueStart = doubled(this.#valueStart);
    this.#valueEnd = doubled(this.#valueEnd);
    for (const column of this.columns) {
      column.numbers = doubled(column.numbers);
      column.start = doubled(column.start);
      column.end = doubled(column.end);
    }
  }
}

function doubled<A extends Float64Array | Int32Array | Uint8Array>(array: A): A {
  const Kind = array.constructor as new (size: number) => A;
  const larger = new Kind(array.length * 2);
  larger.set(array);
  return larger;
}

function columnKind(kind: FeatureView['aggregates'][number]['kind']): ColumnKind {
  switch (kind) {
    case 'count':
      return 'flag';
    case 'first':
    case 'last':
      return 'told';
    case 'lastN':
    case 'series':
      return 'measure';
    default:
      return 'number';
  }
}

function hasSafeSquares({ numbers, divisor }: MeasureColumn, size: number): boolean {
  let sum = 0;
  for (let line = 0; line < size; line += 1) {
    const number = (numbers[line] as number) / divisor;
    if (!Number.isNaN(number)) sum += number * number;
  }
  return sum <= safe;
}

function commonDivisor(one: number, other: number): number {
  let [left, right] = [one, other];
  while (right !== 0) [left, right] = [right, left % right];
  return left;
}
