/**
 * What a flow makes of one group: the very function the platform runs, so that a test and a trial say
 * what a delivery would. Pure as far as the mapping is.
 */
import type { Json, MapContext } from './connector.js';
import { HeadraceError } from './errors.js';
import type { FlowGroup, Sink, TargetRecord } from './sink.js';

/**
 * Makes of a group what the target is to hold, or null when the group does not concern it. `ready`
 * gives what the connector's own mapping makes of it. Pure: no clock, no requests, nothing but its
 * arguments.
 */
export type FlowMapping = (
  group: FlowGroup,
  context: MapContext<unknown>,
  ready: () => TargetRecord | null,
) => TargetRecord | null;

/** What a project says of one of its flows. */
export interface GroupRules {
  /** Groups for which it is false do not concern the target. */
  readonly where?: ((group: FlowGroup) => boolean) | null;
  /** Instead of the sink's own mapping, or around it. */
  readonly map?: FlowMapping | null;
}

/** What is wrong with a field, by its path from the record's fields. */
export interface FieldFault {
  readonly path: readonly string[];
  readonly message: string;
}

export type MappedGroup =
  | { readonly kind: 'mapped'; readonly record: TargetRecord }
  /** It does not concern the target: so says `where`, or the mapping. */
  | { readonly kind: 'none'; readonly by: 'where' | 'map' }
  | { readonly kind: 'threw'; readonly by: 'where' | 'map'; readonly thrown: unknown }
  /** The sink does not take what the mapping gave; `given` is that, as it was. */
  | { readonly kind: 'unfit'; readonly given: unknown; readonly faults: readonly FieldFault[] };

/** Runs `where` and the mapping, and holds what comes of it against what the sink takes. */
export function mapGroup<Config>(
  sink: Pick<Sink<Config>, 'map' | 'fields'>,
  { where = null, map = null }: GroupRules,
  group: FlowGroup,
  context: MapContext<Config>,
): MappedGroup {
  const asked = attempt(() => where === null || where(group));
  if (asked.thrown !== undefined) return { kind: 'threw', by: 'where', thrown: asked.thrown };
  if (!asked.value) return { kind: 'none', by: 'where' };
  const ready = () => sink.map(group, context);
  const given = attempt(() => (map === null ? ready() : map(group, context, ready)));
  if (given.thrown !== undefined) return { kind: 'threw', by: 'map', thrown: given.thrown };
  if (given.value === null) return { kind: 'none', by: 'map' };
  const { key, fields } = (given.value ?? {}) as Partial<TargetRecord>;
  const faults: FieldFault[] = [];
  if (typeof key !== 'string' || key === '') {
    faults.push({
      path: [],
      message: 'there is no key; give { key, fields }, or null for nothing',
    });
  }
  const parsed = sink.fields.safeParse(fields);
  if (!parsed.success) faults.push(...parsed.error.issues.flatMap(faultsOf));
  if (faults.length > 0 || !parsed.success) return { kind: 'unfit', given: given.value, faults };
  return { kind: 'mapped', record: { key: key as string, fields: parsed.data } };
}

/** Cross-reference tables: table → key → value. */
export type LookupTables = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** A row of a table, or undefined. A table that is not there is a mistake of whoever asks. */
export function lookupIn(tables: LookupTables, table: string, key: string): Json | undefined {
  const rows = Object.hasOwn(tables, table) ? tables[table] : undefined;
  if (rows === undefined) {
    const known = Object.keys(tables).join(', ');
    throw new HeadraceError('config', `There is no cross-reference table ${table}.`, {
      code: 'E_FLOW_LOOKUP',
      hint: known === '' ? 'Add `lookups` to the project.' : `There are ${known}.`,
    });
  }
  return Object.hasOwn(rows, key) ? rows[key] : undefined;
}

/** Keys that should not be there are named in one issue of their parent. */
function faultsOf(issue: {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[] | undefined;
}): FieldFault[] {
  const path = issue.path.map(String);
  if (issue.keys === undefined) return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({
    path: [...path, key],
    message: 'the sink has no such field',
  }));
}

type Attempt<T> =
  | { readonly value: T; readonly thrown?: undefined }
  | { readonly value?: undefined; readonly thrown: unknown };

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (thrown) {
    return { thrown: thrown ?? new Error('The mapping threw nothing.') };
  }
}
