import { Float64Column, Uint8Column, Uint32Column } from '../columns.js';
import { RowMap } from './sales.js';
import { ChangeIndex } from './stamps.js';

/**
 * Business partners: people and companies that buy, and suppliers. Accounts of one company are
 * one partner; guests and marketplace buyers share the one-time partner of their channel.
 */

export const PARTNER_PERSON = 1;
export const PARTNER_COMPANY = 2;
export const PARTNER_ONE_TIME = 3;

/** In the index of changes, suppliers follow from here. */
export const SUPPLIER_IDS = 0x8000_0000;

export interface PartnerEdits {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly name?: string;
  readonly email?: string;
  readonly street?: string;
  readonly city?: string;
  readonly postalCode?: string;
  readonly searchTerm?: string;
}

export class PartnerTable {
  /** Customer row the partner was made from; the channel for a one-time partner. */
  readonly customer = new Uint32Column();
  readonly kind = new Uint8Column();
  readonly createdAtMs = new Float64Column();
  /** 0 until the first change. */
  readonly changedAtMs = new Float64Column();
  readonly isBlocked = new Uint8Column();
  readonly edits = new Map<number, PartnerEdits>();
  readonly byCustomer = new RowMap();
  readonly byCompany = new RowMap();
  /** By supplier; 0 until the first change. */
  readonly supplierChangedAtMs: number[] = [];
  readonly changes = new ChangeIndex((id) =>
    id >= SUPPLIER_IDS
      ? (this.supplierChangedAtMs[id - SUPPLIER_IDS] ?? 0)
      : this.changedAtMs.get(id),
  );

  get length(): number {
    return this.customer.length;
  }

  add(customer: number, kind: number, atMs: number): number {
    this.customer.push(customer);
    this.kind.push(kind);
    this.createdAtMs.push(atMs);
    this.changedAtMs.push(0);
    return this.isBlocked.push(0);
  }

  edit(row: number, edits: PartnerEdits): void {
    this.edits.set(row, { ...this.edits.get(row), ...edits });
  }
}
