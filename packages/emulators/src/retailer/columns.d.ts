/**
 * Growable typed columns. Five million order lines as objects would not fit in the heap; as
 * columns they take about 20 bytes each. One class per element type keeps each accessor
 * monomorphic, which is what makes them as fast as plain arrays.
 */
export declare class Float64Column {
  private values;
  length: number;
  get(index: number): number;
  set(index: number, value: number): void;
  push(value: number): number;
  bytes(): Uint8Array;
}
export declare class Int32Column {
  private values;
  length: number;
  get(index: number): number;
  set(index: number, value: number): void;
  add(index: number, value: number): void;
  push(value: number): number;
  bytes(): Uint8Array;
}
export declare class Uint32Column {
  private values;
  length: number;
  get(index: number): number;
  set(index: number, value: number): void;
  push(value: number): number;
  pop(): void;
  bytes(): Uint8Array;
}
export declare class Uint8Column {
  private values;
  length: number;
  get(index: number): number;
  set(index: number, value: number): void;
  push(value: number): number;
  bytes(): Uint8Array;
}
