/** Runs a stream's mapping and turns what it says into stored rows: checked, keyed, identified. */
import {
  anchorOf,
  type ConnectorSpec,
  checkFields,
  type EntityName,
  entityKey,
  HeadraceError,
  type JsonObject,
  type MappedRecord,
  type Stream,
} from '@headrace/sdk';
import type { Normalizer, StoredRow } from '../engine/index.js';

export interface MappingSource {
  readonly name: string;
  readonly spec: ConnectorSpec<never>;
  readonly config: unknown;
  /** By stream: throws when a record is not what was promised of it; such a one is not mapped. */
  readonly checks?: Readonly<Record<string, (record: JsonObject) => void>>;
}

/** Where decisions made here stand among what systems state. */
export const ownSource = 'headrace';
export const decisionStream = 'decision';

export function createNormalizer(sources: readonly MappingSource[]): Normalizer {
  const streams = new Map<
    string,
    {
      readonly stream: Stream<never>;
      readonly config: never;
      readonly check: ((record: JsonObject) => void) | undefined;
    }
  >();
  for (const source of sources) {
    const config = source.config as never;
    for (const stream of source.spec.streams(config)) {
      const check = source.checks?.[stream.name];
      streams.set(`${source.name}/${stream.name}`, { stream, config, check });
    }
  }

  return {
    orderOf: (source, stream) => streams.get(`${source}/${stream}`)?.stream.versionOrder ?? 'text',
    anchorOf: (entity, key) => anchorOf(entity as EntityName, key),
    normalize(header, body, reference) {
      if (header.source === ownSource && header.stream === decisionStream) {
        const decided = { entity: 'decision', type: 'decision', externalId: header.key } as const;
        return { rows: [toRow({ ...decided, fields: body })] };
      }
      const entry = streams.get(`${header.source}/${header.stream}`);
      if (entry === undefined) {
        throw new HeadraceError('record', 'The stream of this record is not configured any more.', {
          code: 'E_NO_MAPPING',
        });
      }
      // A handle that stands for the record alone would make a person, or an account, of each.
      const isPerson = header.subject !== null && !header.unnamed;
      const subject = isPerson ? Buffer.from(header.subject).toString('hex') : null;
      const context = { config: entry.config, source: reference, subject };
      entry.check?.(body);
      const mapped = entry.stream.map(body, context);
      return { rows: mapped.map(toRow) };
    },
  };
}

function toRow(record: MappedRecord): StoredRow {
  const fields = checkFields(record.entity, record.fields) as JsonObject;
  return {
    entity: record.entity,
    key: entityKey(record.entity, fields as never),
    type: record.type,
    externalId: record.externalId,
    fields,
  };
}
