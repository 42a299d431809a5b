/** The changes the measurement makes, and the field of the HTTP answer that shows each. */
import type { Seeded } from '../shared/seeded.js';
import type { PlatformProcess } from './platform-process.js';

type Fields = Readonly<Record<string, unknown>>;
type Amount = { readonly amount?: string; readonly value?: string } | undefined;

export interface ChangeKind {
  readonly name: string;
  readonly stream: string;
  readonly entity: string;
  isUsable(fields: Fields): boolean;
  /** What the shop is told, so that a higher number is a later change. */
  command(target: Target, number: number): Readonly<Record<string, unknown>>;
  /** The number the answer shows; NaN before the first. */
  shown(fields: Fields): number;
}

export interface Target {
  readonly kind: ChangeKind;
  /** Address of the canonical record. */
  readonly path: string;
  /** The shop's own id. */
  readonly id: string;
}

/** Above everything the world comes with, so that only our changes are taken for ours. */
const base = 1_000_000;

export const price: ChangeKind = {
  name: 'price edit',
  stream: 'product',
  entity: 'price',
  isUsable: (fields) =>
    fields['currency'] === 'EUR' &&
    fields['basis'] === 'gross' &&
    ['customerGroup', 'minQuantity'].every((name) => fields[name] === undefined),
  command: ({ id }, number) => ({ kind: 'set-price', id, grossMinor: base + number }),
  shown: ({ sale, list }) =>
    Math.round(Number((sale as Amount)?.amount ?? (list as Amount)?.amount) * 100) - base,
};

export const order: ChangeKind = {
  name: 'order edit',
  stream: 'order',
  entity: 'order',
  isUsable: () => true,
  command: ({ id }, number) => ({
    kind: 'edit-order',
    id,
    customFields: { custom_gift_wrap: number },
  }),
  shown: (fields) => traitOf(fields, 'giftWrap'),
};

export const customer: ChangeKind = {
  name: 'customer edit',
  stream: 'customer',
  entity: 'customer',
  isUsable: () => true,
  command: ({ id }, number) => ({
    kind: 'edit-customer',
    id,
    customFields: { custom_loyalty_tier: String(number) },
  }),
  shown: (fields) => traitOf(fields, 'tier'),
};

export const stock: ChangeKind = {
  name: 'stock set',
  stream: 'stock',
  entity: 'stock',
  isUsable: () => true,
  // Orders may take a few pieces in between; steps of a hundred stay apart.
  command: ({ id }, number) => ({ kind: 'set-stock', id, stock: base + number * 100 }),
  shown: ({ shown }) => Math.round((Number((shown as Amount)?.value) - base) / 100),
};

function traitOf({ traits }: Fields, name: string): number {
  const value = (traits as { readonly shop?: Fields } | undefined)?.shop?.[name];
  // `true` and `silver` are what the world came with.
  return typeof value === 'number' || /^\d+$/.test(String(value)) ? Number(value) : Number.NaN;
}

/** Which record a change is about: some keys get half of all changes. */
export interface Draw {
  next(): Target;
}

export async function drawOf(
  platform: PlatformProcess,
  kind: ChangeKind,
  random: Seeded,
  { targetsMax, hotKeys }: { readonly targetsMax: number; readonly hotKeys: number },
): Promise<Draw> {
  const targets = await targetsOf(platform, kind, targetsMax);
  if (targets.length === 0) throw new Error(`The world has nothing for: ${kind.name}.`);
  const hot = Math.min(hotKeys, targets.length);
  return {
    next() {
      const at = random.next() < 0.5 ? random.below(hot) : random.below(targets.length);
      return targets[at] as Target;
    },
  };
}

interface Page {
  readonly records: readonly {
    readonly key: string;
    readonly record: string;
    readonly fields: Fields;
  }[];
  readonly next: string | null;
}

async function targetsOf(
  platform: PlatformProcess,
  kind: ChangeKind,
  max: number,
): Promise<Target[]> {
  const targets = new Map<string, Target>();
  for (let after: string | null = ''; after !== null && targets.size < max; ) {
    const query: URLSearchParams = new URLSearchParams({
      stream: `shop/${kind.stream}`,
      after,
      limit: '1000',
    });
    const page: Page | null = await platform.get<Page>(`/v1/entities/${kind.entity}?${query}`);
    for (const { key, record, fields } of page?.records ?? []) {
      const id = record.split('/')[2] ?? '';
      // One price a variant: the first of its channels.
      if (!kind.isUsable(fields) || targets.has(id) || targets.size >= max) continue;
      targets.set(id, { kind, path: `/v1/entities/${kind.entity}/${key}`, id });
    }
    after = page?.next ?? null;
  }
  return [...targets.values()];
}
