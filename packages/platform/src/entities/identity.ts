/**
 * Links between keys that name one thing. Rows with equal canonical keys meet by themselves; a link
 * says that two keys mean the same, an apart mark takes one row out of its key's group. Both are
 * journaled control entries and can be taken back; a merge moves no rows.
 *
 * group of a row = apart mark ? the row alone : the end of the chain of links from its key
 */
import { HeadraceError, type JsonObject } from '@headrace/sdk';
import type { Fold, FoldInput, FoldState } from '../engine/index.js';
import type { StoreReader } from '../storage/index.js';

export type LinkMethod = 'human' | 'rule' | 'probabilistic';

/** One link of the crosswalk, with the offsets between which it holds. */
export interface Link {
  readonly entity: string;
  readonly from: string;
  readonly to: string;
  readonly method: LinkMethod;
  readonly principal: string;
  readonly evidence: string;
  readonly since: number;
}

const linkTable = { name: 'link', kind: 'keyed' } as const;
/** Keys that are linked to a key, so that a group is found from its root. */
const linkedTable = { name: 'linked', kind: 'index' } as const;
const apartTable = { name: 'apart', kind: 'keyed' } as const;
const chainMax = 32;
const groupMax = 256;

const named = (entity: string, key: string) => `${entity}/${key}`;

/** Folds `link`, `unlink`, `part` and `rejoin` control entries. */
export const identityFold: Fold = {
  name: 'identity',
  version: 2,
  tables: [linkTable, linkedTable, apartTable],
  declareKeys(input, need) {
    const action = actionOf(input);
    if (action === 'link' || action === 'unlink') need(linkTable.name, nameOf(input, 'from'));
    if (action === 'part' || action === 'rejoin') need(apartTable.name, text(input, 'row'));
  },
  plan(input, state) {
    const action = actionOf(input);
    if (action === 'link' || action === 'unlink') forget(input, state);
    if (action === 'link') {
      state.set(linkTable.name, nameOf(input, 'from'), linkOf(input));
      state.addMember(linkedTable.name, nameOf(input, 'to'), text(input, 'from'));
    }
    if (action === 'unlink') close(state, linkTable.name, nameOf(input, 'from'), input);
    if (action === 'part') {
      state.set(apartTable.name, text(input, 'row'), { since: input.header.offset, until: null });
    }
    if (action === 'rejoin') close(state, apartTable.name, text(input, 'row'), input);
  },
};

/** The key is no longer found from where its link led. */
function forget(input: FoldInput, state: FoldState): void {
  const before = state.get(linkTable.name, nameOf(input, 'from'));
  if (before === undefined) return;
  const root = named(text(input, 'entity'), String(before['to']));
  state.dropMember(linkedTable.name, root, text(input, 'from'));
}

function actionOf(input: FoldInput): string | null {
  return input.header.kind === 'control' ? String(input.body?.['action'] ?? '') : null;
}

function text(input: FoldInput, name: string): string {
  return String(input.body?.[name] ?? '');
}

function nameOf(input: FoldInput, name: string): string {
  return named(text(input, 'entity'), text(input, name));
}

function linkOf(input: FoldInput): JsonObject {
  return {
    to: text(input, 'to'),
    method: text(input, 'method'),
    principal: text(input, 'principal'),
    evidence: text(input, 'evidence'),
    since: input.header.offset,
    until: null,
  };
}

function close(state: FoldState, table: string, key: string, input: FoldInput): void {
  const row = state.get(table, key);
  if (row !== undefined) state.set(table, key, { ...row, until: input.header.offset });
}

/** The identity graph as it stands in the store. */
export class Identity {
  readonly #reader: StoreReader;

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  /** The key that stands for all keys linked with this one. */
  rootOf(entity: string, key: string): string {
    let at = key;
    for (let steps = 0; steps < chainMax; steps += 1) {
      const link = this.#link(entity, at);
      if (link === null) return at;
      at = link.to;
    }
    return at;
  }

  /** Every key of the group, the root first. */
  keysOf(entity: string, key: string): readonly string[] {
    const keys = [this.rootOf(entity, key)];
    for (let at = 0; at < keys.length && keys.length <= groupMax; at += 1) {
      const members = this.#reader.members(linkedTable.name, [named(entity, keys[at] as string)]);
      for (const { member } of members) if (!keys.includes(member)) keys.push(member);
    }
    return keys;
  }

  /** The links that hold between these keys of a group, with who made each and on what evidence. */
  linksOf(entity: string, keys: readonly string[]): readonly Link[] {
    return keys.flatMap((from) => {
      const link = this.#link(entity, from);
      if (link === null) return [];
      const { to, method, principal, evidence, since } = link;
      return [{ entity, from, to, method, principal, evidence, since }];
    });
  }

  /** Whether anyone ever linked this key, also when the link was taken back. */
  wasLinked(entity: string, key: string): boolean {
    return this.#reader.row(linkTable.name, named(entity, key)) !== undefined;
  }

  isApart(rowId: string): boolean {
    const row = this.#reader.row(apartTable.name, rowId);
    return row !== undefined && (JSON.parse(row.value) as { until: number | null }).until === null;
  }

  /** Refuses a link that would close a circle. */
  checkLink(entity: string, from: string, to: string): void {
    if (this.rootOf(entity, to) === this.rootOf(entity, from)) {
      throw new HeadraceError('conflict', 'These keys are linked already.', { code: 'E_LINKED' });
    }
    if (this.#link(entity, from) !== null) {
      throw new HeadraceError('conflict', 'This key already has a link; take it back first.', {
        code: 'E_LINKED',
      });
    }
  }

  #link(entity: string, key: string): Stored | null {
    const row = this.#reader.row(linkTable.name, named(entity, key));
    if (row === undefined) return null;
    const stored = JSON.parse(row.value) as Stored;
    return stored.until === null ? stored : null;
  }
}

interface Stored extends Omit<Link, 'entity' | 'from'> {
  readonly until: number | null;
}
