/** What a project says of its flows, checked against what its connectors can do. */
import { createHash } from 'node:crypto';
import type { FlowGroup, FlowMapping, JsonObject, LookupTables, Sink } from '@headrace/sdk';
import { z } from 'zod';
import type { EngineSource } from '../engine/index.js';
import { defaultLimits, type Flow } from '../flows/index.js';

/** What a flow may do without a person. */
export interface FlowLimitOptions {
  /**
   * Records that may wait at once before the run is rehearsed: looked at as a whole before anything
   * is written. Default 1000; `off` for never.
   */
  readonly rows?: number | 'off';
  /** Of a rehearsed run, records that may differ before somebody has to approve. Default: `rows`. */
  readonly approval?: number | 'off';
  /** Part by which a guarded number, such as a price, may change: 0.5, the default, is half. */
  readonly change?: number | 'off';
  /** Part of a run that may be held for its numbers before the whole flow stops. Default 0.2. */
  readonly share?: number | 'off';
}

/** Cross-reference tables: table → key → value. */
export type Lookups = LookupTables;

export interface FlowOptions {
  /** Default `TARGET.SINK`; needed when one sink of one system has two flows. */
  readonly name?: string;
  /** `shadow`, the default, shows what would be written; `live` writes it. */
  readonly write?: 'shadow' | 'live';
  /** Records for which it is false do not concern the target. Pure. */
  readonly where?: (group: FlowGroup) => boolean;
  /** Instead of the connector's own mapping, or around it. */
  readonly map?: FlowMapping;
  readonly limits?: FlowLimitOptions;
  /** Tables only this flow has; they go before the project's. */
  readonly lookups?: Lookups;
  /** Target fields it may write; the others are shown where they differ, and never written. */
  readonly owns?: readonly string[];
}

/** A flow as it stands under `flows` in a project. */
export interface FlowDefinition {
  readonly kind: 'flow';
  readonly sink: string;
  readonly to: string;
  readonly options: FlowOptions;
}

/**
 * Carries changes to a system: the name of one of its sinks, and the name of the system under
 * `sources`. Shows differences only, until it says `write: 'live'`.
 *
 * ```ts
 * flows: [flow('stock', 'shop', { write: 'live' }), flow('product', 'shop', maps.toShop)]
 * ```
 */
export function flow(
  sink: string,
  to: string,
  options: FlowOptions | FlowMapping = {},
): FlowDefinition {
  return {
    kind: 'flow',
    sink,
    to,
    options: typeof options === 'function' ? { map: options } : options,
  };
}

const fieldName = z.string().min(1);
const called = <Called>() =>
  z.custom<Called>((value) => typeof value === 'function', 'give a function');
const count = z.union([z.literal('off'), z.number().int().min(0)], 'write a whole number, or off');
const part = z.union([z.literal('off'), z.number().min(0)], 'write a part such as 0.5, or off');
export const lookupsSchema = z.record(z.string(), z.record(z.string(), z.json()));

export const flowSchema = z.strictObject({
  kind: z.literal('flow', "write flow('stock', 'shop')"),
  sink: z.string(),
  to: z.string(),
  options: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9.-]{0,60}$/, 'use a to z, 0 to 9, - and ., a letter first')
      .optional(),
    write: z.enum(['shadow', 'live'], 'write shadow or live').optional(),
    where: called<NonNullable<FlowOptions['where']>>().optional(),
    map: called<FlowMapping>().optional(),
    limits: z
      .strictObject({
        rows: count.optional(),
        approval: count.optional(),
        change: part.optional(),
        share: part.optional(),
      })
      .optional(),
    lookups: lookupsSchema.optional(),
    owns: z.array(fieldName).optional(),
  }),
});

export interface FlowProject {
  readonly flows: readonly FlowDefinition[];
  readonly lookups: Lookups;
  readonly write: 'shadow' | 'never';
}

/** The flows ready to run, or what is wrong with them, one line each. */
export function prepareFlows(
  project: FlowProject,
  sources: readonly EngineSource[],
  base: JsonObject,
): { readonly flows: readonly Flow[]; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const flows = project.flows.flatMap((one, index): Flow[] => {
    const where = `flows.${index}`;
    const source = sources.find(({ name }) => name === one.to);
    if (source === undefined) {
      const names = sources.map(({ name }) => name).join(', ');
      problems.push(`${where}: there is no source ${one.to}; there are ${names}`);
      return [];
    }
    const sinks = (source.spec.sinks ?? []) as readonly Sink<never>[];
    const sink = sinks.find(({ name }) => name === one.sink);
    if (sink === undefined) {
      const names = sinks.map(({ name }) => name).join(', ');
      const there = names === '' ? 'nothing can be written to it' : `there are ${names}`;
      problems.push(`${where}: ${one.to} (${source.spec.name}) has no sink ${one.sink}; ${there}`);
      return [];
    }
    problems.push(...ownsProblems(sink, one.options.owns ?? []).map((text) => `${where}.${text}`));
    return [flowOf(project, one, source, sink, base)];
  });
  const names = flows.map(({ name }) => name);
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  for (const name of new Set(doubled)) {
    problems.push(`flows: two are named ${name}; give one of them another \`name\``);
  }
  return { flows, problems };
}

/** What of the flows gives folded state its meaning. */
export function flowDefinitions(flows: readonly Flow[]): readonly JsonObject[] {
  return flows.map(({ name, definition }) => ({ name, definition }));
}

function flowOf(
  project: FlowProject,
  { sink: _name, to, options }: FlowDefinition,
  source: EngineSource,
  sink: Sink<never>,
  base: JsonObject,
): Flow {
  const { limits = {}, owns, map, where } = options;
  const rows = limitOf(limits.rows, defaultLimits.rows);
  const name = options.name ?? `${to}.${sink.name}`;
  // `never` is for an installation that must not write whatever its flows say.
  const write = project.write === 'never' ? 'shadow' : (options.write ?? 'shadow');
  const lookups = { ...project.lookups, ...options.lookups };
  // The project's own digest covers what functions close over; their text helps where there is none.
  const rules = [
    base,
    name,
    to,
    sink.name,
    write,
    owns ?? null,
    lookups,
    String(map),
    String(where),
  ];
  return {
    name,
    target: to,
    sink,
    config: source.config as never,
    write,
    map: map ?? null,
    where: where ?? null,
    owns: owns === undefined ? null : new Set(owns),
    limits: {
      rows,
      approval: limitOf(limits.approval, rows),
      change: limitOf(limits.change, defaultLimits.change),
      share: limitOf(limits.share, defaultLimits.share),
    },
    lookups,
    definition: createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 32),
  };
}

function limitOf(given: number | 'off' | undefined, otherwise: number | null): number | null {
  if (given === 'off') return null;
  return given ?? otherwise;
}

/** Owned fields the sink does not have, as far as its schema names them. */
function ownsProblems(sink: Sink<never>, owns: readonly string[]): string[] {
  const fields: unknown = sink.fields;
  if (!(fields instanceof z.ZodObject)) return [];
  const known = Object.keys(fields.shape);
  return owns
    .filter((field) => !known.includes(field))
    .map((field) => `owns: ${sink.name} has no field ${field}; there are ${known.join(', ')}`);
}
