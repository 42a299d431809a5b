import { Float64Column, Int32Column, Uint8Column, Uint32Column } from './columns.js';

/**
 * What an ERP has to be told because no table of the world keeps it: steps of an order, price
 * changes, edits. Kept only while somebody reads it (`world.facts` is null otherwise), and
 * dropped once read.
 */

export const FACT_ORDER_RELEASED = 1;
export const FACT_ORDER_COMPLETED = 2;
export const FACT_ORDER_CANCELLED = 10;
export const FACT_ORDER_COST = 11;
export const FACT_PRICE = 3;
export const FACT_PRODUCT_ACTIVE = 4;
export const FACT_PRODUCT_INACTIVE = 5;
export const FACT_PRODUCT_DELETED = 6;
export const FACT_CUSTOMER_EDITED = 7;
export const FACT_CUSTOMER_DELETED = 8;
export const FACT_TIER_PRICE = 9;

export interface Fact {
  readonly kind: number;
  readonly row: number;
  readonly atMs: number;
}

export class FactLog {
  private readonly kinds = new Uint8Column();
  private readonly rows = new Uint32Column();
  private readonly times = new Float64Column();
  private size = 0;

  push(kind: number, row: number, atMs: number): void {
    if (this.size === this.kinds.length) {
      this.kinds.push(kind);
      this.rows.push(row);
      this.times.push(atMs);
    } else {
      this.kinds.set(this.size, kind);
      this.rows.set(this.size, row);
      this.times.set(this.size, atMs);
    }
    this.size++;
  }

  /** Hands over everything since the last call, oldest first. */
  drain(take: (fact: Fact) => void): void {
    const { size } = this;
    for (let index = 0; index < size; index++) {
      take({
        kind: this.kinds.get(index),
        row: this.rows.get(index),
        atMs: this.times.get(index),
      });
    }
    this.size = 0;
  }
}

/** Every change of a price, by the product record that states it; -1 where there is none. */
export class PriceLog {
  readonly product = new Uint32Column();
  readonly atMs = new Float64Column();
  /** Gross and struck-through price, minor units, by currency: two columns each. */
  readonly gross = [new Int32Column(), new Int32Column()] as const;
  readonly list = [new Int32Column(), new Int32Column()] as const;

  push(
    product: number,
    atMs: number,
    gross: readonly (number | null)[],
    list: readonly (number | null)[],
  ): number {
    for (const currency of [0, 1] as const) {
      this.gross[currency].push(gross[currency] ?? -1);
      this.list[currency].push(list[currency] ?? -1);
    }
    this.atMs.push(atMs);
    return this.product.push(product);
  }
}

export interface WorldFacts {
  readonly log: FactLog;
  readonly prices: PriceLog;
}

export const createFacts = (): WorldFacts => ({ log: new FactLog(), prices: new PriceLog() });
