/** The catalogue of the ready-made views, as a page. */
import type { FeatureDefinition, FeatureView } from './definition.js';

/** Systems that tell of an entity, by the entity's name. */
export type SystemsOf = (entity: string) => readonly string[];

export function describeFeatures(
  definitions: readonly FeatureDefinition[],
  systemsOf: SystemsOf,
): string {
  const rows = definitions.map((one) => {
    const views = one.kind === 'view' ? [one] : one.views;
    const systems = [...new Set(views.flatMap((view) => systemsOf(view.from.entity)))].sort();
    return [
      `\`${one.name}\``,
      `\`${one.of.parts.join('/')}\``,
      one.description,
      one.kind === 'view'
        ? fromOf(one)
        : `derived from ${views.map((view) => `\`${view.name}\``).join(', ')}`,
      one.kind === 'view' ? one.features.map((feature) => `\`${feature.name}\``).join(' ') : '',
      one.unit,
      one.kind === 'view' ? limitOf(one.maxAgeMs) : '',
      systems.join(', ') || 'none yet',
    ];
  });
  return [
    '# Ready-made features',
    '',
    'Views of `commerceFeatures({ currency })`, for `features` in the project. Each works over whatever',
    'connected system states its entity; systems named here have a connector that does. A value older',
    'than its age limit is null and `expired`; the age is how long the streams behind it were silent.',
    'Views of order lines count lines that state `orderedAt`; others are counted as undated.',
    '',
    '| name | key | what | from | values | unit | age limit | systems |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

function fromOf(view: FeatureView): string {
  const over = view.over === null ? '' : ', ahead';
  return `${view.from.kind} of ${view.from.entity}${over}`;
}

function limitOf(ms: number | null): string {
  if (ms === null) return 'none';
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${ms / 60_000} min`;
}
