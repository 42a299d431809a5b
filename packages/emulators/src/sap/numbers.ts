import { supplierRow } from '../retailer/erp/state.js';

/**
 * Document numbers carry their row, so both directions are a computation. Ranges are fixed and
 * numbers of one kind have one length, so their order as text is their order as rows.
 */

export interface NumberRange {
  readonly of: (row: number) => string;
  /** -1 for what is no number of this range. */
  readonly rowOf: (number: string) => number;
}

const range = (first: number, digits = String(first).length): NumberRange => ({
  of: (row) => String(first + row).padStart(digits, '0'),
  rowOf: (number) =>
    number.length === digits && /^[0-9]+$/.test(number) && Number(number) >= first
      ? Number(number) - first
      : -1,
});

export const SALES_ORDER = range(1_000_000_001);
export const CUSTOMER_RETURN = range(6_000_000_001);
export const DELIVERY = range(8_000_000_001);
export const PURCHASE_ORDER = range(4_500_000_001);
export const MATERIAL_DOCUMENT = range(4_900_000_001);
export const CONDITION_RECORD = range(1, 10);
export const CUSTOMER = range(1_010_000_001);
export const SUPPLIER = range(17_300_001);
const CUSTOMER_ADDRESS = range(1_000_001);
const SUPPLIER_ADDRESS = range(900_001);

/** A partner is a customer's row, or a supplier's told apart by its sign. */
export const partnerNumber = (row: number): string =>
  row >= 0 ? CUSTOMER.of(row) : SUPPLIER.of(supplierRow(row));

export const addressNumber = (row: number): string =>
  row >= 0 ? CUSTOMER_ADDRESS.of(row) : SUPPLIER_ADDRESS.of(supplierRow(row));

/** Items are numbered in tens, as everywhere in SAP. */
export const itemNumber = (index: number): string => String((index + 1) * 10);

/** Everything is sold and counted by the piece. */
export const BASE_UNIT = 'PC';

const CHILDREN_MAX = 16;
/** Rows of sets below another row: that row, and which of its children. */
export const childRow = (parent: number, index: number): number => parent * CHILDREN_MAX + index;
export const productOf = (row: number): number => Math.floor(row / CHILDREN_MAX);
export const indexOf = (row: number): number => row % CHILDREN_MAX;
