/** Errors as Shopware words them: `{ errors: [{ code, status, title, detail }] }`. */
export interface ShopwareErrorEntry {
  readonly code: string;
  readonly status: string;
  readonly title: string;
  readonly detail: string;
  readonly source?: {
    readonly pointer: string;
  };
  readonly meta?: {
    readonly parameters: Readonly<Record<string, string>>;
  };
}
export declare class ShopwareError extends Error {
  readonly status: number;
  readonly entries: readonly ShopwareErrorEntry[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    entries: readonly ShopwareErrorEntry[],
    headers?: Readonly<Record<string, string>>,
  );
}
export declare const errorEntry: (
  status: number,
  code: string,
  detail: string,
  pointer?: string,
) => ShopwareErrorEntry;
export declare const fail: (
  status: number,
  code: string,
  detail: string,
  pointer?: string,
) => never;
export declare const notFound: (entity: string, id: string) => never;
export declare const unauthorized: (detail: string) => ShopwareError;
export declare const missingPrivilege: (privilege: string) => never;
export declare const tooManyRequests: (retryAfterSeconds: number) => ShopwareError;
