/** From a project's sources to what is watched: streams with their contracts, pairs, the one fold. */
import type { ConnectorSpec, EntityName, Stream } from '@headrace/sdk';
import type { Fold } from '../engine/index.js';
import { alertsPart } from './alerts.js';
import type { WatchedStream } from './check-row.js';
import { checksPart } from './checks-part.js';
import { type ContractConfigs, Contracts } from './contracts.js';
import { type CoverageKind, coveragePart } from './coverage.js';
import { duplicatesPart } from './duplicates.js';
import { type PairKind, type PairSpec, pairsPart } from './pairs.js';
import { foldOf } from './part.js';
import { sequencesPart } from './sequences.js';
import { streamFactsPart } from './stream-facts.js';
import { valueFactsPart } from './value-facts.js';

export interface WatchedSource {
  readonly name: string;
  readonly spec: ConnectorSpec<never>;
  readonly config: unknown;
  readonly everyMs?: Readonly<Record<string, number>>;
  readonly without?: readonly string[];
}

export interface Watch {
  readonly streams: readonly WatchedStream[];
  readonly pairs: readonly PairSpec[];
  readonly coverage: readonly CoverageKind[];
  readonly contracts: Contracts;
  /** Of these sources, those that lead for an entity first. */
  leadingOf(entity: EntityName, sources: readonly string[]): readonly string[];
}

export interface WatchOptions {
  readonly sources: readonly WatchedSource[];
  readonly contracts: ContractConfigs;
  /** Which source leads, by entity or `entity.*`; the first is the side others are held against. */
  readonly leading: Readonly<Record<string, readonly string[]>>;
  readonly durationMs: (text: string) => number | null;
}

export function watchOf(options: WatchOptions): Watch {
  const contracts = new Contracts(options.contracts, options.durationMs);
  const streams = options.sources.flatMap((source) => streamsOf(source, contracts));
  return {
    streams,
    contracts,
    pairs: pairsOf(streams, options.leading, contracts),
    coverage: coverageOf(streams),
    leadingOf(entity, sources) {
      const order = options.leading[entity] ?? options.leading[`${entity}.*`] ?? [];
      return [...order.filter((one) => sources.includes(one)), ...sources];
    },
  };
}

/** Folds all that quality is judged by; the checks come last, for they look at what the rest kept. */
export function qualityFold(watch: Watch): Fold {
  const names = watch.streams.map(({ source, stream }) => `${source}/${stream}`);
  const required = new Map<string, readonly string[]>();
  const requiredOf = (stream: string, entity: EntityName): readonly string[] => {
    const id = `${stream} ${entity}`;
    const known = required.get(id);
    if (known !== undefined) return known;
    const [source = '', name = ''] = stream.split('/');
    const fields = watch.contracts.of({ entity, source, stream: name }).required;
    required.set(id, fields);
    return fields;
  };
  const readWhole = watch.streams
    .filter(({ feed }) => feed === 'snapshot')
    .map(({ source, stream }) => `${source}/${stream}`);
  return foldOf('quality', 13, [
    streamFactsPart(names, readWhole),
    valueFactsPart(names, requiredOf),
    coveragePart(),
    sequencesPart(names),
    duplicatesPart(),
    pairsPart(watch.pairs),
    alertsPart(),
    checksPart(watch),
  ]);
}

function streamsOf(source: WatchedSource, contracts: Contracts): WatchedStream[] {
  const config = source.config as never;
  const quiet = source.spec.quietOf?.(config) ?? [];
  const streams = source.spec.streams(config) as readonly Stream<never>[];
  return streams
    .filter(({ name }) => !(source.without ?? []).includes(name))
    .map((stream) => {
      const everyMs = source.everyMs?.[stream.name] ?? stream.everyMs;
      const [entity = 'product'] = stream.entities;
      const scope = { entity, source: source.name, stream: stream.name, everyMs };
      return {
        ...{ source: source.name, stream: stream.name, entities: stream.entities },
        ...{ feed: stream.feed, everyMs, quiet, contract: contracts.of(scope) },
      };
    });
}

interface PairPlan {
  readonly kind: PairKind;
  readonly a: EntityName;
  readonly b: EntityName;
  /** Both sides may be one system: what it took in and what it posted for it. */
  readonly isWithin?: boolean;
}

const plans: readonly PairPlan[] = [
  { kind: 'stock', a: 'stock', b: 'stock' },
  { kind: 'price', a: 'price', b: 'price' },
  { kind: 'orders', a: 'order', b: 'order' },
  { kind: 'returns', a: 'returnLine', b: 'stockMovement', isWithin: true },
  { kind: 'refunds', a: 'return', b: 'refund', isWithin: true },
];

function pairsOf(
  streams: readonly WatchedStream[],
  leading: WatchOptions['leading'],
  contracts: Contracts,
): PairSpec[] {
  return plans.flatMap((plan) => {
    const order = leading[plan.a] ?? leading[`${plan.a}.*`] ?? [];
    const rank = ({ source }: WatchedStream) => {
      const at = order.indexOf(source);
      return at === -1 ? order.length : at;
    };
    const of = (entity: EntityName) =>
      streams.filter(({ entities }) => entities.includes(entity)).sort((x, y) => rank(x) - rank(y));
    const [first] = of(plan.a);
    if (first === undefined) return [];
    const others = new Map(
      of(plan.b)
        .filter(({ source }) => plan.isWithin === true || source !== first.source)
        .reverse()
        .map((stream) => [stream.source, stream]),
    );
    const contract = contracts.of({ entity: plan.a });
    return [...others.values()].reverse().map((other) => ({
      name: others.size === 1 ? plan.kind : `${plan.kind}:${first.source}=${other.source}`,
      kind: plan.kind,
      a: { source: first.source, stream: first.stream },
      b: { source: other.source, stream: other.stream },
      toleranceMicros: Math.round(contract.toleranceUnits * 1_000_000),
      toleranceShareMicro: contract.toleranceShareMicro,
      graceMs: contract.graceMs,
    }));
  });
}

function coverageOf(streams: readonly WatchedStream[]): CoverageKind[] {
  const has = (...entities: readonly EntityName[]) =>
    streams.some((stream) => entities.some((entity) => stream.entities.includes(entity)));
  const kinds: CoverageKind[] = [];
  if (has('price')) kinds.push('price');
  if (has('cost')) kinds.push('cost');
  if (has('stock')) kinds.push('stock');
  if (has('listing')) kinds.push('category');
  if (has('supplierItem', 'replenishment')) kinds.push('leadTime');
  return kinds;
}
