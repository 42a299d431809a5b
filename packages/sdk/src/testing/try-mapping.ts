/** Tries the mapping of a flow in a project's own tests: records in, what the target is to hold out. */
import {
  type ConfiguredSource,
  type FlowGroup,
  type FlowMapping,
  type FlowRecord,
  HeadraceError,
  type JsonObject,
  type LookupTables,
  mapGroup,
  type Sink,
  type TargetRecord,
} from '../connector/index.js';
import { anchorOf, checkFields, type EntityName, entityKey } from '../model/index.js';
import { flowGroup } from './flow-group.js';

/** A canonical record as a test writes it down; its key follows from its fields. */
export interface MappingRecord {
  readonly entity: EntityName;
  readonly fields: JsonObject;
}

export interface MappingTest {
  /** What the other systems state. */
  readonly records: readonly MappingRecord[];
  /** What the target itself states. */
  readonly own?: readonly MappingRecord[];
  /** `where` and `map` as the flow has them; without `map` the connector's own mapping is tried. */
  readonly where?: (group: FlowGroup) => boolean;
  readonly map?: FlowMapping;
  readonly lookups?: LookupTables;
  /** What the connector reads of its system for its mappings: the `reference` of a sample. */
  readonly source?: JsonObject;
}

/**
 * What the target is to hold, or null when the records do not concern it. Throws, with the field or
 * what the mapping threw, where the platform would not write.
 *
 * ```ts
 * const record = tryMapping(shop, 'price', { records: [{ entity: 'price', fields }], map: toShop });
 * assert.deepEqual(record?.fields, { price: { EUR: { basis: 'gross', amount: '9.95', list: null } } });
 * ```
 */
export function tryMapping<Config>(
  target: ConfiguredSource<Config>,
  sinkName: string,
  test: MappingTest,
): TargetRecord | null {
  const { sinks = [], config: settings, name } = target.connector;
  const sink = sinks.find((each) => each.name === sinkName) as Sink<Config> | undefined;
  if (sink === undefined) {
    const names = sinks.map((each) => each.name).join(', ');
    throw failed(`${name} has no sink ${sinkName}; it has ${names === '' ? 'none' : names}.`);
  }
  const config = settings.safeParse(target.settings);
  if (!config.success) throw failed(`The settings of ${name} are not valid.`, config.error);
  const records = test.records.map(checked);
  const own = (test.own ?? []).map(checked);
  const group = flowGroup({
    ...{ key: groupName(sink, [...records, ...own]), records, own },
    ...(test.lookups === undefined ? {} : { lookups: test.lookups }),
  });
  const { where = null, map = null, source = {} } = test;
  const context = { config: config.data as Config, source, subject: null };
  const mapped = mapGroup(sink, { where, map }, group, context);
  switch (mapped.kind) {
    case 'mapped':
      return mapped.record;
    case 'none':
      return null;
    case 'threw':
      throw mapped.thrown;
    case 'unfit': {
      const said = mapped.faults.map(({ path, message }) => `${path.join('.')}: ${message}`);
      throw failed(`The mapping gives what ${sinkName} does not take: ${said.join('; ')}`);
    }
  }
}

/** A record the model does not take proves nothing about a mapping. */
function checked({ entity, fields }: MappingRecord): FlowRecord {
  const canonical = checkFields(entity, fields) as JsonObject;
  return { entity, key: entityKey(entity, canonical), fields: canonical };
}

/** All records of one test are one group; one that is not would come alone. */
function groupName<Config>(sink: Sink<Config>, records: readonly FlowRecord[]): string {
  const names = records
    .filter(({ entity }) => sink.entities.includes(entity))
    .map((record) => sink.groupsOf?.(record) ?? [anchorOf(record.entity, record.key)]);
  const [first = []] = names;
  const shared = first.find((group) => names.every((each) => each.includes(group)));
  if (shared !== undefined || names.length === 0) return shared ?? 'none';
  const all = [...new Set(names.flat())].join(', ');
  throw failed(`These records are not of one group but of ${all}; try them one by one.`);
}

function failed(message: string, cause?: unknown): HeadraceError {
  return new HeadraceError('record', message, { code: 'E_MAPPING', cause });
}
