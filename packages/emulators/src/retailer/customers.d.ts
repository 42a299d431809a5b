import { Float64Column, Uint8Column, Uint32Column } from './columns.js';
/**
 * Customers as columns. Names and addresses are not stored but derived from a person number,
 * which also gives duplicates for free: two accounts of one person share the number.
 */
export declare const CUSTOMER_GUEST = 1;
export declare const CUSTOMER_CONSENT = 2;
export declare const CUSTOMER_DELETED = 4;
export declare const CUSTOMER_DUPLICATE = 8;
export declare const FIRST_CUSTOMER_NUMBER = 20001;
export interface CustomerEdits {
  firstName?: string;
  lastName?: string;
  email?: string;
  company?: string | null;
  active?: boolean;
  customFields?: Record<string, unknown> | null;
  extra?: Record<string, unknown>;
}
export interface Person {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly company: string | null;
  readonly street: string;
  readonly zipcode: string;
  readonly city: string;
  readonly phone: string | null;
}
export declare class CustomerTable {
  readonly createdAtMs: Float64Column;
  readonly updatedAtMs: Float64Column;
  readonly lastOrderAtMs: Float64Column;
  readonly spentMinor: Float64Column;
  readonly orderCount: Uint32Column;
  readonly channel: Uint8Column;
  readonly flags: Uint8Column;
  readonly person: Uint32Column;
  /** Company number plus one; 0 for a private person. */
  readonly company: Uint32Column;
  /** How eager this customer buys, 0..255 relative; drop-out is drawn at each purchase. */
  readonly eagerness: Uint8Column;
  readonly edits: Map<number, CustomerEdits>;
  deletedCount: number;
  get length(): number;
  add(row: {
    readonly createdAtMs: number;
    readonly channel: number;
    readonly flags: number;
    readonly person: number;
    readonly company: number;
    readonly eagerness: number;
  }): number;
  has(customer: number, flag: number): boolean;
  isLive(customer: number): boolean;
  numberOf(customer: number): string;
  /** As entered at registration; what an order keeps, whatever is edited later. */
  personOf(customer: number): Person;
  private emailOf;
  /** The account as it stands now. */
  current(customer: number): Person & {
    readonly active: boolean;
  };
}
