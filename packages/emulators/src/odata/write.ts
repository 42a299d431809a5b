import { etagReaderOf } from './encode-v2.js';
import { ODataError } from './errors.js';
import type { EntitySet, PlannedWrite, PropertyValue, Service, WriteValues } from './model.js';
import { parsePayload } from './payload.js';
import type { Collection, EntityAt, Resource } from './resource.js';

/** Turns a write into a plan that can no longer fail, or refuses it. */

export interface WriteRequest {
  readonly method: string;
  readonly resource: Resource;
  readonly ifMatch: string | undefined;
  readonly body: Buffer;
}

export interface WritePlan {
  readonly kind: 'create' | 'update' | 'delete';
  readonly set: EntitySet;
  readonly planned: PlannedWrite;
}

const CREATE = 'POST';
const DELETE = 'DELETE';
const PUT = 'PUT';
const UPDATES: ReadonlySet<string> = new Set(['PATCH', 'MERGE', PUT]);

export const isWrite = (method: string): boolean =>
  method === CREATE || method === DELETE || UPDATES.has(method);

export const planWrite = (service: Service, request: WriteRequest): WritePlan => {
  const { method, resource } = request;
  if (resource.kind === 'collection' && method === CREATE)
    return planCreate(service, resource, request.body);
  if (resource.kind === 'entity' && (method === DELETE || UPDATES.has(method))) {
    const { set, row } = resource;
    checkMatch(resource, request.ifMatch);
    if (method === DELETE) {
      if (set.source.planDelete === undefined) throw notAllowed(set, 'DELETE');
      return { kind: 'delete', set, planned: set.source.planDelete(row) };
    }
    if (set.source.planUpdate === undefined) throw notAllowed(set, 'UPDATE');
    const given = parsePayload(service, set, request.body, 'update');
    const values = method === PUT ? withNulls(set, given) : given;
    return { kind: 'update', set, planned: set.source.planUpdate(row, values) };
  }
  throw new ODataError(
    405,
    '/IWFND/CM_MGW/009',
    `Method ${method} is not allowed for this resource`,
  );
};

const notAllowed = (set: EntitySet, operation: string): ODataError =>
  new ODataError(
    405,
    '/IWBEP/CM_MGW_RT/022',
    `Method '${operation}_ENTITY' is not implemented for entity set '${set.name}'`,
  );

const planCreate = (service: Service, collection: Collection, body: Buffer): WritePlan => {
  const { set, origin } = collection;
  if (set.source.planCreate === undefined) throw notAllowed(set, 'CREATE');
  const given = parsePayload(service, set, body, 'create');
  const values = origin === undefined ? given : { ...given, ...keyFrom(origin, set) };
  return { kind: 'create', set, planned: set.source.planCreate(values) };
};

/** What is made below an entity has its key: `A_SalesOrder('1')/to_Item` makes items of order 1. */
const keyFrom = (origin: NonNullable<Collection['origin']>, target: EntitySet): WriteValues => {
  const values: Record<string, PropertyValue> = {};
  const pairs = origin.navigation.constraint ?? origin.set.key.map((name) => [name, name] as const);
  for (const [own, theirs] of pairs) {
    const property = origin.set.properties.find((entry) => entry.name === own);
    if (property !== undefined && target.properties.some((entry) => entry.name === theirs))
      values[theirs] = property.value(origin.row);
  }
  return values;
};

const withNulls = (set: EntitySet, given: WriteValues): WriteValues => {
  const values: Record<string, PropertyValue | readonly WriteValues[]> = { ...given };
  for (const property of set.properties) {
    const isOurs = property.isUpdatable === false || set.key.includes(property.name);
    if (!isOurs && property.isNullable !== false) values[property.name] ??= null;
  }
  return values;
};

const checkMatch = (entity: EntityAt, ifMatch: string | undefined): void => {
  const etag = etagReaderOf(entity.set)(entity.row);
  if (etag === undefined || ifMatch === '*') return;
  if (ifMatch === undefined) {
    throw new ODataError(
      428,
      '/IWFND/CM_MGW/063',
      'Data changes require that the precondition If-Match is given',
    );
  }
  // Clients may send several; one that matches is enough.
  const given = ifMatch.split(/,\s*(?=W?\/?")/).map((entry) => entry.trim());
  if (!given.includes(etag)) {
    throw new ODataError(
      412,
      '/IWFND/CM_MGW/064',
      'Precondition failed: the entity has been changed meanwhile',
    );
  }
};
