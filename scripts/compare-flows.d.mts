export type FlowName =
  | 'stock'
  | 'price'
  | 'order'
  | 'tracking'
  | 'return'
  | 'category'
  | 'product'
  | 'variant'
  | 'media';
export interface FlowRow {
  readonly key: string;
  readonly source: number | string;
  readonly target: number | string;
  /** When the target's record was last written, by its own book. */
  readonly at?: number;
}
export function flowRows(options: {
  readonly control: string;
  readonly flow: FlowName;
  readonly since?: number;
}): Promise<readonly FlowRow[]>;
export function compareFlows(options: {
  readonly control: string;
  readonly only?: readonly FlowName[];
  /** Documents are compared from this moment on. */
  readonly since?: number;
}): Promise<
  readonly {
    readonly flow: FlowName;
    readonly compared: number;
    readonly differing: readonly FlowRow[];
  }[]
>;
