/** What the connected systems are good for: each use case, and the facts it was judged by. */
import type { EntityName } from '@headrace/sdk';
import type { Engine } from '../engine/index.js';
import { type CoverageFacts, type CoverageKind, coverageKey, coverageTable } from './coverage.js';
import { type EntityFacts, entityFacts } from './entity-facts.js';
import type { Quality } from './quality.js';
import { judgeUseCases, neededFields, type UseCaseAnswer } from './use-cases.js';

export interface Covered {
  readonly kind: CoverageKind;
  /** Variants that are sold and have it. */
  readonly has: number;
  readonly sellable: number;
}

export interface UseCaseAssessment {
  readonly at: number;
  readonly useCases: readonly UseCaseAnswer[];
  readonly entities: readonly EntityFacts[];
  readonly coverage: readonly Covered[];
}

export async function assessUseCases(
  engine: Pick<Engine, 'reader' | 'runners'>,
  quality: Quality,
  pause: () => Promise<void>,
): Promise<UseCaseAssessment> {
  const needed = neededFields();
  const entities = await entityFacts(engine.reader, needed, pause);
  const row = engine.reader.row(coverageTable.name, coverageKey);
  const counts = row === undefined ? null : (JSON.parse(row.value) as CoverageFacts);
  const { watch } = quality;
  const sellable = counts?.sellable ?? 0;
  const coverage = watch.coverage.map((kind) => ({ kind, has: counts?.has[kind] ?? 0, sellable }));
  const chosen = new Map<EntityName, EntityFacts>();
  const unread = new Set<EntityName>();
  for (const [entity, { fields }] of needed) {
    const streams = watch.streams.filter((stream) => stream.entities.includes(entity));
    const sources = new Set(
      watch.leadingOf(
        entity,
        streams.map(({ source }) => source),
      ),
    );
    // Rows of several systems are joined field by field, so the one that says most is what there is.
    const candidates = [...sources].map(
      (source): EntityFacts =>
        entities.find((one) => one.entity === entity && one.source === source) ?? {
          entity,
          source,
          rows: 0,
          filled: {},
          first: {},
          last: {},
        },
    );
    const [first, ...others] = candidates;
    if (first === undefined) continue;
    const best = others.reduce(
      (most, one) => (leastFilled(one, fields) > leastFilled(most, fields) ? one : most),
      first,
    );
    chosen.set(entity, best);
    const isRead = streams
      .filter(({ source }) => source === best.source)
      .every(({ source, stream }) => engine.runners.get(`${source}/${stream}`)?.health.backfilled);
    if (!isRead) unread.add(entity);
  }
  const now = quality.now();
  const has = Object.fromEntries(coverage.map(({ kind, has: count }) => [kind, count]));
  const useCases = judgeUseCases({
    ...{ now, entities: chosen, unread, sellable, has },
    gateOf: (entity) => quality.gate([{ entity }]).verdict,
  });
  return { at: now, useCases, entities, coverage };
}

/** Share of rows in which the field that is filled least is filled; -1 without rows. */
function leastFilled({ rows, filled }: EntityFacts, fields: ReadonlySet<string>): number {
  if (rows === 0) return -1;
  return Math.min(...[...fields].map((field) => (filled[field] ?? 0) / rows));
}
