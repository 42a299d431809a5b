import type { Entity, Table } from './table.js';

/**
 * The JSON:API form, which the shop answers unless a client asks for plain JSON. Associations
 * move to `included`; what is left are the attributes.
 */
interface Resource {
  readonly id: string;
  readonly type: string;
  readonly attributes: Entity;
  readonly links: {
    readonly self: string;
  };
  readonly relationships: Record<
    string,
    {
      data: unknown;
      links: {
        related: string;
      };
    }
  >;
  readonly meta: null;
}
export declare const toResource: (
  base: string,
  table: string,
  entity: Entity,
  included: Map<string, Resource>,
) => Resource;
export declare const toJsonApi: (
  base: string,
  table: Table,
  data: readonly Entity[],
  total: number,
  totalCountMode: number,
) => Entity;
