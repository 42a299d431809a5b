/**
 * What is usual of the values of a field, and how far single hours lie off it by habit: what many records
 * of one product, customer or campaign share, they lack and change together.
 */
import { total } from './stream-facts.js';

export interface FieldFacts {
  /**
   * Records seen, records that filled it, and their numbers by size: see `sizeOf`. Records and not rows:
   * what the lines of one order lack they lack together, and twenty of them are one sign and not twenty.
   */
  n: number;
  filled: number;
  sizes: Record<string, number>;
}

/** What is usual, and how far single hours lie off it: sum of squares by that of chance, in hundredths. */
export interface UsualFacts extends FieldFacts {
  hours: number;
  squares: number;
  /** Hours whose sizes could be held against it, and the sum of what they came to. See `stabilityOf`. */
  sized: number;
  stability: number;
}

/** What a closed hour was, and from what on its sizes are not what they were. */
export interface ClosedFacts extends FieldFacts {
  limit?: number;
}

const baseMax = 20_000;

/** A closed hour of a field is held against what is usual, and becomes part of it. */
export function addHour(fields: Record<string, UsualFacts>, name: string, own: ClosedFacts): void {
  const base = usualIn(fields, name);
  noteDispersion(base, own);
  noteStability(base, own);
  base.n += own.n;
  base.filled += own.filled;
  for (const [size, count] of Object.entries(own.sizes)) {
    base.sizes[size] = (base.sizes[size] ?? 0) + count;
  }
  if (base.n > baseMax) halve(base);
}

function usualIn(fields: Record<string, UsualFacts>, name: string): UsualFacts {
  const own = fields[name] ?? {
    n: 0,
    filled: 0,
    sizes: {},
    hours: 0,
    squares: 0,
    sized: 0,
    stability: 0,
  };
  fields[name] = own;
  return own;
}

/** Records of which fewer are known say nothing of what is usual. */
export const usualMin = 100;
/** Records of an hour of which fewer are known say nothing of the hour. */
export const ownMin = 10;

/** Share that is usually filled; of so many that were all filled, the next may well be empty. */
export function usualShare({ n, filled }: FieldFacts): number {
  return Math.min(filled / n, 1 - 1 / (n + 2));
}

function noteDispersion(base: UsualFacts, own: FieldFacts): void {
  if (base.n < usualMin || own.n < ownMin) return;
  const usual = usualShare(base);
  const off = own.filled - own.n * usual;
  const square = Math.round((100 * off * off) / (own.n * usual * (1 - usual)));
  base.hours += 1;
  base.squares += Math.min(square, squareMax);
}

/** An hour that is told as not usual is learned no further than one at the limit. */
const squareMax = 3600;
const hoursSupposed = 6;
const squareSupposed = 400;

/**
 * How much further hours lie off than records that lack a field each by itself would: the variants of one
 * product lack it together, and so do the returns of one customer. Some of it is supposed until it is known.
 */
export function dispersionOfShare({ hours, squares }: UsualFacts): number {
  const sum = squares + hoursSupposed * squareSupposed;
  return Math.max(1, sum / (100 * (hours + hoursSupposed)));
}

/** Population stability of the sizes of numbers, in hundredths. */
export function stabilityOf(own: FieldFacts, base: FieldFacts | undefined): number {
  const [n, m] = [sizesIn(own), base === undefined ? 0 : sizesIn(base)];
  if (base === undefined || n < closedMin || m < 500) return 0;
  let sum = 0;
  for (const size of new Set([...Object.keys(own.sizes), ...Object.keys(base.sizes)])) {
    const is = ((own.sizes[size] ?? 0) + 0.5) / (n + 1);
    const was = ((base.sizes[size] ?? 0) + 0.5) / (m + 1);
    sum += (is - was) * Math.log(is / was);
  }
  return Math.round(sum * 100);
}

function sizesIn({ sizes }: FieldFacts): number {
  return total(sizes);
}

export const closedMin = 50;
export const stabilityLimit = 200;
const stabilityFactor = 3;
const sizedSupposed = 4;

/** Fifty prices of an hour may be those of three products: then sizes change with every hour, by habit. */
function noteStability(base: UsualFacts, own: ClosedFacts): void {
  const supposed = (sizedSupposed * stabilityLimit) / stabilityFactor;
  const usual = (base.stability + supposed) / (base.sized + sizedSupposed);
  own.limit = Math.max(stabilityLimit, Math.round(stabilityFactor * usual));
  const stability = stabilityOf(own, base);
  if (stability === 0) return;
  base.sized += 1;
  base.stability += Math.min(stability, own.limit);
}

/** Old hours count less and less. */
function halve(base: UsualFacts): void {
  base.sized = Math.floor(base.sized / 2);
  base.stability = Math.floor(base.stability / 2);
  base.hours = Math.floor(base.hours / 2);
  base.squares = Math.floor(base.squares / 2);
  base.n = Math.floor(base.n / 2);
  base.filled = Math.floor(base.filled / 2);
  for (const size of Object.keys(base.sizes)) {
    base.sizes[size] = Math.floor((base.sizes[size] ?? 0) / 2);
  }
}
