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
import { plainHash } from '../audit/index.js';
import type { Normalizer, StoredRow } from '../engine/index.js';

export interface MappingSource {
  readonly name: string;
  readonly spec: ConnectorSpec<never>;
  readonly config: unknown;
}

/** Our id of a source's record of an entity: the same on every run and machine. */
export function entityId(
  tenant: string,
  entity: string,
  source: string,
  type: string,
  externalId: string,
): string {
  return plainHash([tenant, entity, source, type, externalId].join('\0')).toString('hex');
}

export function createNormalizer(tenant: string, sources: readonly MappingSource[]): Normalizer {
  const streams = new Map<string, { readonly stream: Stream<never>; readonly config: never }>();
  for (const source of sources) {
    const config = source.config as never;
    for (const stream of source.spec.streams(config)) {
      streams.set(`${source.name}/${stream.name}`, { stream, config });
    }
  }

  return {
    orderOf: (source, stream) => streams.get(`${source}/${stream}`)?.stream.versionOrder ?? 'text',
    anchorOf: (entity, key) => anchorOf(entity as EntityName, key),
    normalize(header, body, reference) {
      const entry = streams.get(`${header.source}/${header.stream}`);
      if (entry === undefined) {
        throw new HeadraceError('record', 'The stream of this record is not configured any more.', {
          code: 'E_NO_MAPPING',
        });
      }
      const subject = header.subject === null ? null : Buffer.from(header.subject).toString('hex');
      const context = { config: entry.config, source: reference, subject };
      const mapped = entry.stream.map(body, context);
      return { rows: mapped.map((record) => toRow(tenant, header.source, record)) };
    },
  };
}

function toRow(tenant: string, source: string, record: MappedRecord): StoredRow {
  const fields = checkFields(record.entity, record.fields) as JsonObject;
  return {
    entity: record.entity,
    id: entityId(tenant, record.entity, source, record.type, record.externalId),
    key: entityKey(record.entity, fields as never),
    type: record.type,
    externalId: record.externalId,
    fields,
  };
}
