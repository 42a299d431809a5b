/** What a world is made of. One number scales it; everything else follows from the seed. */
export interface RetailerParameters {
  readonly seed: number;
  readonly scale: number;
  /** Days of history before `epochMs`. */
  readonly days: number;
  /** The moment history ends and live time begins. */
  readonly epochMs: number;
  readonly products: number;
  readonly variants: number;
  readonly customers: number;
  readonly suppliers: number;
  /** Order lines over the whole history, about. */
  readonly orderLines: number;
}
export interface RetailerOptions {
  readonly seed?: number;
  readonly scale?: number;
  readonly days?: number;
  readonly epochMs?: number;
  readonly products?: number;
  readonly variants?: number;
  readonly customers?: number;
  readonly suppliers?: number;
  readonly orderLines?: number;
}
export declare const DAY_MS = 86400000;
export declare const HOUR_MS = 3600000;
export declare const MINUTE_MS = 60000;
/** A fixed moment, so that a world made without options is the same world on every machine. */
export declare const DEFAULT_EPOCH_MS: number;
export declare const resolveParameters: (options: RetailerOptions) => RetailerParameters;
