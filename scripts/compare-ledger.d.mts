export interface LedgerResult {
  readonly ledger: string;
  readonly compared: number;
  readonly missing: number;
  readonly extra: number;
  readonly differing: number;
  readonly doubled: number;
  readonly examples: readonly string[];
}
export const pimLedgers: readonly string[];
export const erpLedgers: readonly string[];
export function compareLedger(options: {
  readonly api: string;
  readonly token: string;
  readonly control: string;
  readonly source: string;
  readonly only?: readonly string[];
  readonly plants?: Readonly<Record<string, string>>;
}): Promise<{
  readonly ok: boolean;
  readonly results: readonly LedgerResult[];
  readonly hidden: readonly Record<string, unknown>[];
}>;
