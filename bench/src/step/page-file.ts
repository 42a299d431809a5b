/**
 * Pages as they come off the wire, made beforehand by a process of their own, so that the measured
 * process only reads bytes: a page is u32 length, f64 next free record number, then the answer.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { mix, type Seeded } from '../shared/seeded.js';
import { type RecordKind, recordJson } from './shop-records.js';

export interface FlowPosition {
  /** First record number never sent; even. */
  readonly nextNumber: number;
  /** Grows with every page, so that a later change of a record has a later version. */
  readonly revision: number;
}

export interface FlowShares {
  readonly updates: number;
  readonly duplicates: number;
  /** Share of the updates that hit records of the whole store; the others hit recent ones. */
  readonly uniform: number;
  /** Recent means among this many numbers before the newest. */
  readonly recentSpan: number;
  /** Updates do not go below this number. */
  readonly lowest: number;
}

export interface MadePage {
  readonly kind: RecordKind;
  readonly body: Buffer;
  readonly after: FlowPosition;
}

export const pageSize = 500;
const recentRecords = 2_000;

/** Makes pages one after the other, orders and products in turn. */
export class PageMaker {
  #numbers: Readonly<Record<RecordKind, number>>;
  #revision: number;
  readonly #shares: FlowShares;
  readonly #random: Seeded;
  readonly #recent: Record<RecordKind, (readonly [number, number])[]> = { order: [], product: [] };
  #kind: RecordKind = 'order';

  constructor(from: FlowPosition, shares: FlowShares, random: Seeded) {
    this.#numbers = { order: from.nextNumber, product: from.nextNumber + 1 };
    this.#revision = from.revision;
    this.#shares = shares;
    this.#random = random;
  }

  next(count = pageSize): MadePage {
    const kind = this.#kind;
    this.#kind = kind === 'order' ? 'product' : 'order';
    this.#revision += 1;
    const records: string[] = [];
    for (let at = 0; at < count; at += 1) records.push(recordJson(...this.#choose(kind)));
    const body = Buffer.from(`{"total":${count},"data":[${records.join(',')}]}`);
    const numbers = this.#numbers;
    return {
      kind,
      body,
      after: {
        nextNumber: Math.max(numbers.order, numbers.product - 1),
        revision: this.#revision,
      },
    };
  }

  #choose(kind: RecordKind): readonly [number, number] {
    const { updates, duplicates, uniform, recentSpan, lowest } = this.#shares;
    const recent = this.#recent[kind];
    const chance = this.#random.next();
    const first = this.#numbers[kind];
    if (chance < duplicates && recent.length > 0) {
      return recent[this.#random.below(recent.length)] as readonly [number, number];
    }
    let chosen: readonly [number, number];
    const parity = kind === 'order' ? 0 : 1;
    const floor = this.#random.next() < uniform ? lowest : Math.max(lowest, first - recentSpan);
    if (chance < duplicates + updates && first - floor > 4) {
      const half = this.#random.below(Math.floor((first - floor) / 2));
      chosen = [floor + half * 2 + parity - (floor % 2), this.#revision];
    } else {
      chosen = [first, 0];
      this.#numbers = { ...this.#numbers, [kind]: first + 2 };
    }
    if (recent.length < recentRecords) recent.push(chosen);
    else recent[mix(first) % recentRecords] = chosen;
    return chosen;
  }
}

const headSize = 24;

export function writePages(path: string, maker: PageMaker, records: number): void {
  const file = openSync(path, 'w');
  const head = Buffer.alloc(headSize);
  for (let made = 0; made < records; made += pageSize) {
    const { kind, body, after } = maker.next();
    head.writeUInt32LE(body.length, 0);
    head.writeUInt32LE(kind === 'order' ? 0 : 1, 4);
    head.writeDoubleLE(after.nextNumber, 8);
    head.writeDoubleLE(after.revision, 16);
    writeSync(file, head);
    writeSync(file, body);
  }
  closeSync(file);
}

/** Reads pages in order; null at the end. */
export function openPages(path: string): { next(): MadePage | null; close(): void } {
  const file = openSync(path, 'r');
  const head = Buffer.alloc(headSize);
  let at = 0;
  return {
    next() {
      if (readSync(file, head, 0, headSize, at) < headSize) return null;
      const body = Buffer.allocUnsafeSlow(head.readUInt32LE(0));
      readSync(file, body, 0, body.length, at + headSize);
      at += headSize + body.length;
      const kind = head.readUInt32LE(4) === 0 ? 'order' : 'product';
      const after = { nextNumber: head.readDoubleLE(8), revision: head.readDoubleLE(16) };
      return { kind, body, after };
    },
    close: () => closeSync(file),
  };
}
