/** Search criteria as clients send them, checked and made regular. */
export declare const LIMIT_MAX = 500;
export declare const LIMIT_DEFAULT = 100;
export type FilterValue = string | number | boolean | null;
export type Filter =
  | {
      readonly kind: 'equals';
      readonly field: string;
      readonly value: FilterValue;
    }
  | {
      readonly kind: 'equalsAny';
      readonly field: string;
      readonly values: readonly FilterValue[];
    }
  | {
      readonly kind: 'text';
      readonly how: 'contains' | 'prefix' | 'suffix';
      readonly field: string;
      readonly value: string;
    }
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly gt?: string | number;
      readonly gte?: string | number;
      readonly lt?: string | number;
      readonly lte?: string | number;
    }
  | {
      readonly kind: 'multi';
      readonly operator: 'and' | 'or' | 'xor';
      readonly queries: readonly Filter[];
    }
  | {
      readonly kind: 'not';
      readonly operator: 'and' | 'or' | 'xor';
      readonly queries: readonly Filter[];
    };
export interface Sorting {
  readonly field: string;
  readonly isDescending: boolean;
}
export interface Criteria {
  readonly page: number;
  /** Undefined: everything (only with ids). */
  readonly limit: number | undefined;
  readonly ids: readonly string[];
  readonly filters: readonly Filter[];
  readonly sortings: readonly Sorting[];
  readonly associations: ReadonlyMap<string, Criteria>;
  readonly includes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly excludes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly totalCountMode: 0 | 1 | 2;
}
type Body = Readonly<Record<string, unknown>>;
export declare const parseCriteria: (body: Body, isNested?: boolean) => Criteria;
