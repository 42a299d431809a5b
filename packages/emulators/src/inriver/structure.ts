import type { PimStore } from './store.js';

/** A channel's structure: every place an entity has below it, with the way there. */

export interface StructurePlace {
  readonly entityId: number;
  /** Ids from the channel down, joined by slashes. */
  readonly path: string;
  readonly sortOrder: number;
  readonly linkTypeId: string;
}

export const structureOf = (store: PimStore, channelId: number): readonly StructurePlace[] => {
  const channel = store.entities.get(channelId);
  if (channel === undefined || channel.type.role !== 'channel') return [];
  const places: StructurePlace[] = [];
  const visit = (id: number, path: string, depth: number): void => {
    // Links can be laid in a circle by hand; a structure cannot.
    if (depth > 32) return;
    for (const link of store.outbound(id)) {
      const { role } = link.type;
      if (role === 'product-resource') continue;
      const below = `${path}/${link.target}`;
      places.push({
        entityId: link.target,
        path: below,
        sortOrder: link.index,
        linkTypeId: link.type.id,
      });
      visit(link.target, below, depth + 1);
    }
  };
  visit(channelId, String(channelId), 0);
  return places;
};

export interface TreeNode {
  readonly path: string;
  readonly nodes: Record<string, TreeNode>;
}

/** Nodes only, by id. */
export const nodeTreeOf = (store: PimStore, channelId: number): Record<string, TreeNode> => {
  const below = (id: number, path: string, depth: number): Record<string, TreeNode> => {
    const nodes: Record<string, TreeNode> = {};
    if (depth > 32) return nodes;
    for (const link of store.outbound(id)) {
      if (link.type.target !== 'node') continue;
      const own = `${path}/${link.target}`;
      nodes[String(link.target)] = { path: own, nodes: below(link.target, own, depth + 1) };
    }
    return nodes;
  };
  return below(channelId, String(channelId), 0);
};

/** Channels an entity has a place in. */
export const channelsOf = (store: PimStore, entityId: number): readonly number[] => {
  const found = new Set<number>();
  const seen = new Set<number>();
  const climb = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const { source, type } of store.inbound(id)) {
      if (type.source === 'channel') found.add(source);
      else climb(source);
    }
  };
  climb(entityId);
  return [...found].sort((a, b) => a - b);
};
