/**
 * What each use case needs of the data, and whether it is there: entities some connected system
 * tells of, fields that are filled, variants that are covered, days of history, inputs that may be
 * trusted now. Pure; the facts are gathered by `entity-facts`.
 */
import type { EntityName } from '@headrace/sdk';
import type { CoverageKind } from './coverage.js';
import type { EntityFacts } from './entity-facts.js';
import type { Verdict } from './readiness.js';

export const useCaseNames = ['demand', 'campaigns', 'churn', 'pricing', 'returns'] as const;
export type UseCaseName = (typeof useCaseNames)[number];

export interface Need {
  readonly entity: EntityName;
  /** Each must be filled in most rows; of `a|b` one. */
  readonly fields: readonly string[];
  /** How far back the rows must go, by their date. */
  readonly history?: { readonly date: string; readonly days: number };
  /** It goes without, only worse. */
  readonly optional?: true;
}

export interface UseCaseSpec {
  readonly useCase: UseCaseName;
  readonly title: string;
  readonly needs: readonly Need[];
  /** Of the variants that are sold, most must have these. */
  readonly covers: readonly CoverageKind[];
}

export interface UseCaseAnswer {
  readonly useCase: UseCaseName;
  readonly title: string;
  readonly ready: boolean;
  /** What is missing, in words; empty when ready. */
  readonly because: readonly string[];
  /** The day it will be ready by waiting alone, as a date; null when it is, or when waiting is not enough. */
  readonly readyOn: string | null;
  /** What would make it better. */
  readonly better: readonly string[];
}

export interface UseCaseFacts {
  readonly now: number;
  /** Of the source that leads for each entity, where one tells of it. */
  readonly entities: ReadonlyMap<EntityName, EntityFacts>;
  /** Entities whose streams were not read whole yet. */
  readonly unread: ReadonlySet<EntityName>;
  /** Variants that are sold, and how many of them have each. */
  readonly sellable: number;
  readonly has: Partial<Record<CoverageKind, number>>;
  gateOf(entity: EntityName): Verdict;
}

/** Less is not what a use case can rest on. */
export const filledMin = 0.9;
export const coveredMin = 0.9;

const dayMs = 86_400_000;
/** What ended so long ago says nothing of today. */
const endedMs = 30 * dayMs;

const sold: Need = {
  entity: 'orderLine',
  fields: ['sku', 'quantity', 'orderedAt'],
  history: { date: 'orderedAt', days: 91 },
};

export const useCases: readonly UseCaseSpec[] = [
  {
    useCase: 'demand',
    title: 'Demand per variant',
    needs: [
      sold,
      { entity: 'variant', fields: ['sku'] },
      // Without it a day sold out looks like a day nobody wanted anything.
      { entity: 'stock', fields: ['onHand|available'], optional: true },
    ],
    covers: [],
  },
  {
    useCase: 'campaigns',
    title: 'Campaigns that mind the stock',
    needs: [
      { ...sold, history: { date: 'orderedAt', days: 28 } },
      { entity: 'stock', fields: ['onHand|available'] },
      { entity: 'price', fields: ['list|sale'] },
      { entity: 'customer', fields: ['customerId'], optional: true },
    ],
    covers: ['stock', 'price', 'cost'],
  },
  {
    useCase: 'churn',
    title: 'Customers about to leave',
    needs: [
      {
        entity: 'order',
        fields: ['customerId', 'placedAt'],
        history: { date: 'placedAt', days: 182 },
      },
      { entity: 'return', fields: ['orderNo'], optional: true },
    ],
    covers: [],
  },
  {
    useCase: 'pricing',
    title: 'Prices',
    needs: [
      {
        entity: 'orderLine',
        fields: ['sku', 'quantity', 'orderedAt', 'unitNet|unitGross'],
        history: { date: 'orderedAt', days: 182 },
      },
      { entity: 'price', fields: ['list|sale', 'basis'] },
      { entity: 'stock', fields: ['onHand|available'], optional: true },
    ],
    covers: ['price', 'cost'],
  },
  {
    useCase: 'returns',
    title: 'Lines that come back',
    needs: [
      { ...sold, fields: ['sku', 'orderedAt'] },
      { entity: 'returnLine', fields: ['sku'] },
      { entity: 'refund', fields: ['amount'], optional: true },
    ],
    covers: [],
  },
];

/** Everything the use cases look at, so that one walk over the rows answers all of them. */
export function neededFields(): ReadonlyMap<
  EntityName,
  { fields: Set<string>; dates: Set<string> }
> {
  const needed = new Map<EntityName, { fields: Set<string>; dates: Set<string> }>();
  for (const { entity, fields, history } of useCases.flatMap(({ needs }) => needs)) {
    const of = needed.get(entity) ?? { fields: new Set(), dates: new Set() };
    for (const field of fields) of.fields.add(field);
    if (history !== undefined) of.dates.add(history.date);
    needed.set(entity, of);
  }
  return needed;
}

export function judgeUseCases(facts: UseCaseFacts): UseCaseAnswer[] {
  return useCases.map((spec) => judgeUseCase(spec, facts));
}

export function judgeUseCase(spec: UseCaseSpec, facts: UseCaseFacts): UseCaseAnswer {
  const because: string[] = [];
  const better: string[] = [];
  /** Days until which there is not enough history; nothing but waiting helps there. */
  const waits: number[] = [];
  for (const need of spec.needs) {
    const found = lacksOf(need, facts);
    if (need.optional === true) {
      better.push(...found.reasons, ...found.waits.map(({ text }) => text));
      continue;
    }
    because.push(...found.reasons);
    for (const { text, until } of found.waits) {
      because.push(text);
      waits.push(until);
    }
  }
  for (const kind of spec.covers) because.push(...uncovered(kind, facts));
  const isOnlyTime = because.length > 0 && because.length === waits.length;
  return {
    ...{ useCase: spec.useCase, title: spec.title, ready: because.length === 0, because },
    readyOn: isOnlyTime ? dateOf(Math.max(...waits)) : null,
    better,
  };
}

interface Lacks {
  readonly reasons: string[];
  readonly waits: { readonly text: string; readonly until: number }[];
}

function lacksOf({ entity, fields, history }: Need, facts: UseCaseFacts): Lacks {
  const lacks: Lacks = { reasons: [], waits: [] };
  const of = facts.entities.get(entity);
  if (of === undefined) {
    lacks.reasons.push(`No connected system tells of ${entity}.`);
    return lacks;
  }
  if (facts.unread.has(entity)) {
    lacks.reasons.push(`${entity} of ${of.source} was not read whole yet.`);
    return lacks;
  }
  if (of.rows === 0) {
    lacks.reasons.push(`${of.source} has no ${entity}.`);
    return lacks;
  }
  for (const field of fields) {
    const filled = of.filled[field] ?? 0;
    if (filled / of.rows >= filledMin) continue;
    const name = field.replace('|', ' or ');
    lacks.reasons.push(
      `${entity} of ${of.source} says ${name} in ${percent(filled, of.rows)} of ${of.rows} rows; ${percent(filledMin, 1)} are needed.`,
    );
  }
  const first = history === undefined ? null : (of.first[history.date] ?? null);
  if (history !== undefined && first !== null) {
    const until = first + history.days * dayMs;
    const days = Math.floor((facts.now - first) / dayMs);
    if (until > facts.now) {
      const text = `${entity} of ${of.source} goes back ${days} days; ${history.days} are needed.`;
      lacks.waits.push({ text, until });
    }
  }
  const end = history === undefined ? null : (of.last[history.date] ?? null);
  if (end !== null && facts.now - end > endedMs) {
    lacks.reasons.push(
      `${entity} of ${of.source} ends on ${new Date(end).toISOString().slice(0, 10)}.`,
    );
  }
  const { gate, worstInput } = facts.gateOf(entity);
  if (gate === 'hold')
    lacks.reasons.push(
      `${worstInput?.input ?? entity}: ${worstInput?.why ?? 'it may not be used now.'}`,
    );
  return lacks;
}

function uncovered(kind: CoverageKind, { sellable, has }: UseCaseFacts): string[] {
  const covered = has[kind];
  if (covered === undefined)
    return [`No connected system tells of the ${nouns[kind]} of a variant.`];
  if (sellable === 0) return ['No connected system tells of variants that are sold.'];
  if (covered / sellable >= coveredMin) return [];
  return [
    `${percent(covered, sellable)} of ${sellable} variants have a ${nouns[kind]}; ${percent(coveredMin, 1)} are needed.`,
  ];
}

const nouns: Readonly<Record<CoverageKind, string>> = {
  price: 'price',
  cost: 'cost',
  stock: 'stock',
  category: 'category',
  leadTime: 'lead time',
};

/** Cut, not rounded: what is just below a limit must not look as if it had reached it. */
function percent(part: number, whole: number): string {
  return `${Math.floor((part / whole) * 100 + 1e-9)} %`;
}

function dateOf(ms: number): string {
  // The first day that begins with enough history.
  return new Date(Math.ceil(ms / dayMs) * dayMs).toISOString().slice(0, 10);
}
