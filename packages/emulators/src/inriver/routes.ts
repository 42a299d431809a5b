import type { Clock } from '../clock.js';
import { fetchData, fieldValuesOf, type Json, summaryOf } from './encode.js';
import { badRequest, notFound } from './errors.js';
import { readModel } from './model-api.js';
import { queryEntities } from './query.js';
import { showStamp } from './stamps.js';
import { completenessOf, type PimEntity, type PimStore, rulesOf } from './store.js';
import { channelsOf, nodeTreeOf, structureOf } from './structure.js';
import { checkValues } from './values.js';

/** The REST routes below `/api/v1.0.0`, without what HTTP is about. */

export interface ApiCall {
  readonly method: string;
  /** Below the version: `entities/12/summary`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Who the key belongs to; written as the editor. */
  readonly user: string;
}

type Handler = (match: readonly string[], call: ApiCall) => unknown;
type Route = readonly [method: string, pattern: RegExp, handler: Handler];

export const createRoutes = (store: PimStore, clock: Clock): ((call: ApiCall) => unknown) => {
  const { model } = store;
  const entityOf = (id: string | undefined): PimEntity =>
    store.entities.get(Number(id)) ?? notFound(`Entity ${id}`);
  const bodyOf = (call: ApiCall): Json =>
    typeof call.body === 'object' && call.body !== null && !Array.isArray(call.body)
      ? (call.body as Json)
      : badRequest('The body must be an object.');
  const list = (ids: readonly number[]): Json => ({ count: ids.length, entityIds: ids });
  const channelId = (id: string | undefined): number => {
    const entity = entityOf(id);
    return entity.type.role === 'channel' ? entity.id : notFound(`Channel ${id}`);
  };

  const routes: readonly Route[] = [
    ['POST', /^query$/, (_, call) => list(queryEntities(store, call.body))],
    ['POST', /^entities:fetchdata$/, (_, call) => fetchData(store, bodyOf(call))],
    ['GET', /^model\/(.+)$/, ([path = ''], call) => readModel(model, path.split('/'), call.query)],
    ['GET', /^entities\/(\d+)\/summary$/, ([id]) => summaryOf(store, entityOf(id))],
    ['GET', /^entities\/(\d+)\/completenessdetails$/, ([id]) => detailsOf(store, entityOf(id))],
    ['GET', /^entities\/(\d+)\/fieldvalues$/, ([id]) => fieldValuesOf(store, entityOf(id), [])],
    [
      'PUT',
      /^entities\/(\d+)\/fieldvalues$/,
      ([id], call) => {
        const entity = entityOf(id);
        store.edit(
          entity,
          checkValues(store, entity.type, call.body, entity),
          clock.now(),
          call.user,
        );
        return fieldValuesOf(store, entity, []);
      },
    ],
    [
      'GET',
      /^entities\/(\d+)\/fieldvalues\/([^/]+)\/revisions$/,
      ([id, field = '']) => {
        const entity = entityOf(id);
        if (!entity.type.fields.some((entry) => entry.id === field)) notFound(`Field ${field}`);
        return [...store.revisionsOf(entity, field)].reverse().map((entry) => ({
          value: entry.value,
          revision: entry.revision,
          modifiedBy: entry.modifiedBy,
          modifiedDate: showStamp(entry.modifiedDate, model.hasZone),
        }));
      },
    ],
    [
      'GET',
      /^entities\/(\d+)\/links$/,
      ([id], { query }) => {
        const entity = entityOf(id);
        const type = query.get('linkTypeId') ?? undefined;
        const direction = query.get('linkDirection');
        return [
          ...(direction === 'outbound' ? [] : store.inbound(entity.id, type)),
          ...(direction === 'inbound' ? [] : store.outbound(entity.id, type)),
        ].map(linkJson);
      },
    ],
    [
      'POST',
      /^links$/,
      (_, call) => {
        const body = bodyOf(call);
        const type = model.linkTypes.find(({ id }) => id === body['linkTypeId']);
        if (type === undefined) return badRequest('There is no such link type.');
        const [source, target] = [
          entityOf(String(body['sourceEntityId'])),
          entityOf(String(body['targetEntityId'])),
        ];
        if (source.type.role !== type.source || target.type.role !== type.target) {
          return badRequest(`${type.id} does not link ${source.type.id} and ${target.type.id}.`);
        }
        const known = store.outbound(source.id, type.id).find((link) => link.target === target.id);
        return linkJson(known ?? store.link(type, source.id, target.id));
      },
    ],
    [
      'GET',
      /^links\/(\d+)$/,
      ([id]) => linkJson(store.linkById(Number(id)) ?? notFound(`Link ${id}`)),
    ],
    [
      'DELETE',
      /^links\/(\d+)$/,
      ([id]) => {
        store.unlink(store.linkById(Number(id)) ?? notFound(`Link ${id}`));
        return undefined;
      },
    ],
    [
      'DELETE',
      /^entities\/(\d+)$/,
      ([id]) => {
        store.remove(entityOf(id));
        return undefined;
      },
    ],
    [
      'POST',
      /^entities:createnew$/,
      (_, call) => {
        const body = bodyOf(call);
        const type = model.entityTypes.find(({ id }) => id === body['entityTypeId']);
        if (type === undefined) return badRequest('There is no such entity type.');
        const set = body['fieldSetId'];
        const setId = typeof set === 'string' ? set : null;
        if (setId !== null && type.fieldSets?.some(({ id }) => id === setId) !== true) {
          return badRequest(`${type.id} has no field set ${setId}.`);
        }
        const values = checkValues(store, type, body['fieldValues'] ?? [], undefined);
        return summaryOf(store, store.create(type, values, setId, clock.now(), call.user));
      },
    ],
    [
      'POST',
      /^entities:mapuniquevalues$/,
      (_, call) => {
        const { fieldTypeId, uniqueValues } = bodyOf(call);
        if (typeof fieldTypeId !== 'string' || !Array.isArray(uniqueValues)) {
          return badRequest('fieldTypeId and uniqueValues are required.');
        }
        return Object.fromEntries(
          uniqueValues.map((value) => [String(value), store.byUnique(fieldTypeId, value) ?? null]),
        );
      },
    ],
    [
      'GET',
      /^channels$/,
      (_, { query }) => {
        const of = query.get('forEntityId');
        const ids =
          of === null
            ? [...store.entities.values()].filter((e) => e.type.role === 'channel').map((e) => e.id)
            : channelsOf(store, Number(of));
        return ids.map((id) => channelJson(store, entityOf(String(id))));
      },
    ],
    [
      'GET',
      /^channels\/(\d+)\/entitylist$/,
      ([id], { query }) => {
        const type = query.get('entityTypeId');
        const ids = new Set(structureOf(store, channelId(id)).map(({ entityId }) => entityId));
        return list(
          [...ids].filter((one) => type === null || store.entities.get(one)?.type.id === type),
        );
      },
    ],
    ['GET', /^channels\/(\d+)\/nodetree$/, ([id]) => nodeTreeOf(store, channelId(id))],
    [
      'GET',
      /^channels\/(\d+)\/(?:entities\/(\d+)\/)?structureentities(?:\/(\d+))?$/,
      ([id, entity, last]) =>
        structureOf(store, channelId(id))
          .filter(
            ({ entityId }) => (entity ?? last) === undefined || entityId === Number(entity ?? last),
          )
          .map(({ entityId, path, sortOrder, linkTypeId }) => ({
            entityId,
            entityTypeId: store.entities.get(entityId)?.type.id,
            name: summaryOf(store, entityOf(String(entityId)))['displayName'],
            sortOrder,
            path,
            linkEntityId: null,
            linkTypeIdFromParent: linkTypeId,
          })),
    ],
  ];

  return (call) => {
    for (const [method, pattern, handler] of routes) {
      const match = pattern.exec(call.path);
      if (match !== null && method === call.method) return handler(match.slice(1), call);
    }
    return notFound(`${call.method} ${call.path}`);
  };
};

const linkJson = (link: {
  readonly id: number;
  readonly isActive: boolean;
  readonly type: { readonly id: string };
  readonly source: number;
  readonly target: number;
  readonly index: number;
}): Json => ({
  id: link.id,
  isActive: link.isActive,
  linkTypeId: link.type.id,
  sourceEntityId: link.source,
  targetEntityId: link.target,
  linkEntityId: null,
  index: link.index,
});

const channelJson = (store: PimStore, entity: PimEntity): Json => ({
  id: entity.id,
  displayName: summaryOf(store, entity)['displayName'],
  isChannel: true,
  isPublished: true,
});

const detailsOf = (store: PimStore, entity: PimEntity): Json => {
  const rules = rulesOf(store, entity);
  const groups = [...new Set(rules.map(({ group }) => group))];
  return {
    name: entity.type.name,
    completeness: completenessOf(store, entity),
    groups: groups.map((name) => {
      const own = rules.filter(({ group }) => group === name);
      return {
        name,
        isCompleted: own.every(({ isCompleted }) => isCompleted),
        rules: own.map((rule) => ({ name: rule.name, isCompleted: rule.isCompleted })),
      };
    }),
  };
};
