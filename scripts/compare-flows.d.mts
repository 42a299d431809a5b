export interface FlowDifference {
  readonly key: string;
  readonly source: number;
  readonly target: number;
}
export function compareFlows(options: {
  readonly control: string;
  readonly only?: readonly 'stock'[];
}): Promise<
  readonly {
    readonly flow: string;
    readonly compared: number;
    readonly differing: readonly FlowDifference[];
  }[]
>;
