/** Reads the streams `sap.odata({ … })` describes. */
import type { JsonObject, Page, Stream } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';
import { type ChangeField, changedAt, overlapMs, readChanges } from './changes.js';
import { type SapConfig, streamNames } from './config.js';
import { fetchByKeys, type KeyPart, keyOf, type Question } from './odata/question.js';
import type { ODataStream } from './odata-stream.js';
import { readPass } from './pass.js';

export function streamOf(name: string, own: ODataStream, config: SapConfig): Stream<SapConfig> {
  if ((streamNames as readonly string[]).includes(name)) {
    throw new HeadraceError('config', `There is a stream ${name} already.`, {
      code: 'E_SAP_STREAM',
      hint: 'Give the stream under `odata` another name.',
    });
  }
  const question = questionOf(own, config);
  const change: ChangeField | null =
    own.changeField === undefined ? null : { kind: 'instant', field: own.changeField };
  const version = (record: JsonObject) => (change === null ? null : changedAt(record, change));
  return {
    name,
    description: own.description ?? `${own.entity} of ${own.service}`,
    entities: own.entities ?? [],
    feed: change === null ? 'snapshot' : 'poll',
    everyMs: own.everyMs ?? (change === null ? 60_000 : 15_000),
    ...(change === null ? {} : { overlapMs: overlapMs.instant, versionOrder: 'text' as const }),
    names: {
      key: question.key.map(({ property }) => property).join('/'),
      version: own.changeField ?? null,
    },
    key: (record) => keyOf(record, question.key),
    version,
    eventAt: version,
    ...(own.personal === undefined ? {} : { personal: own.personal }),
    map: (record, context) => own.map?.(record, context) ?? [],
    read: (context, mode, cursor): Promise<Page> =>
      change === null || mode === 'pass'
        ? readPass(context, question, cursor)
        : readChanges(context, question, change, cursor),
    fetch: (context, keys) => fetchByKeys(context, question, keys),
    fetchMax: 50,
  };
}

export function questionOf(own: ODataStream, config: SapConfig): Question {
  const names = typeof own.key === 'string' ? [own.key] : own.key;
  const key = names.map(
    (property): KeyPart => ({
      property,
      kind: own.plainKeys?.includes(property) === true ? 'plain' : 'text',
    }),
  );
  return {
    root: rootOf(own),
    set: own.entity,
    version: own.version,
    key,
    fields: async () => ({ select: own.select, expand: own.expand }),
    ...(own.filter === undefined ? {} : { always: own.filter }),
    pageSize: config.pageSize,
  };
}

/** Version 4 has no common folder: there the whole path is given. */
function rootOf({ service }: ODataStream): string {
  return service.startsWith('/') ? service.replace(/\/+$/, '') : `/sap/opu/odata/sap/${service}`;
}
