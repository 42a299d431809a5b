import { collectionV2, encoderV2, encodeValueV2, etagReaderOf } from './encode-v2.js';
import { collectionV4, encoderV4, encodeValueV4 } from './encode-v4.js';
import { badRequest, ODataError } from './errors.js';
import { keyFormatterOf } from './keys.js';
import { escapeXml, metadataOf } from './metadata.js';
import type { EntitySet, Service } from './model.js';
import { type Options, parseOptions, parseQuery, type Query, type Shape } from './query.js';
import { countOf, readPage } from './read.js';
import { type Collection, type EntityAt, type Resource, resolve } from './resource.js';
import { isWrite, planWrite, type WritePlan } from './write.js';

/** Answers one request to one service. Everything here is synchronous: a request sees one state. */

export interface ServiceRequest {
  readonly method: string;
  /** Behind the service root, without a slash at its beginning, as it came. */
  readonly path: string;
  /** Behind the question mark, as it came. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** Address of the service root, without a slash at its end. */
  readonly root: string;
  /** The path in `root`. */
  readonly rootPath: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

/** A page of rows as JSON text, on its way out; a fault may change it. */
export interface CollectionText {
  readonly text: string;
  readonly service: Service;
  readonly set: EntitySet;
  readonly place: { readonly page: number; readonly limit: number };
}

export type Spoil = (collection: CollectionText, request: ServiceRequest) => string | Buffer;

const JSON_TYPE = 'application/json;charset=utf-8';
const WHOLE: Shape = { properties: undefined, expanded: new Map(), deferred: undefined };

const metadataTexts = new WeakMap<Service, string>();

export const optionsOf = (service: Service, request: ServiceRequest): Options =>
  parseOptions(request.query, service.version);

/** The method meant: firewalls that know only POST are passed with a header. */
export const methodOf = (request: Pick<ServiceRequest, 'method' | 'headers'>): string =>
  request.method === 'POST'
    ? (
        request.headers['x-http-method'] ??
        request.headers['x-http-method-override'] ??
        'POST'
      ).toUpperCase()
    : request.method;

export const answerRequest = (
  service: Service,
  request: ServiceRequest,
  spoil: Spoil | undefined,
): ServiceAnswer => {
  const method = methodOf(request);
  if (isWrite(method)) {
    const { plan, finish } = planRequest(service, request);
    return finish(plan.planned.apply());
  }
  if (method !== 'GET' && method !== 'HEAD') {
    throw new ODataError(405, '/IWFND/CM_MGW/009', `Method ${method} is not supported`);
  }
  const options = optionsOf(service, request);
  const resource = resolve(service, request.path);
  if (resource.kind === 'metadata') return metadata(service);
  const isJson = checkFormat(service, request, options, resource.kind === 'service');
  switch (resource.kind) {
    case 'service':
      return serviceDocument(service, request, isJson);
    case 'collection':
      return readCollection(service, request, options, resource, spoil);
    case 'count':
      return readCount(service, options, resource.collection);
    case 'entity':
      return readEntity(service, request, options, resource);
    case 'property':
      return readProperty(service, resource);
    default:
      throw new ODataError(405, '/IWFND/CM_MGW/009', "Resource '$batch' takes POST only");
  }
};

/** A write, checked; `finish` makes its answer from the row it left behind. */
export const planRequest = (
  service: Service,
  request: ServiceRequest,
): { readonly plan: WritePlan; readonly finish: (row: unknown) => ServiceAnswer } => {
  const plan = planWrite(service, {
    method: methodOf(request),
    resource: resolve(service, request.path),
    ifMatch: request.headers['if-match'],
    body: request.body,
  });
  return { plan, finish: (row) => answerWrite(service, request, plan, row) };
};

const answerWrite = (
  service: Service,
  request: ServiceRequest,
  plan: WritePlan,
  row: unknown,
): ServiceAnswer => {
  if (plan.kind === 'delete') return { status: 204, headers: version(service), body: undefined };
  const etag = etagReaderOf(plan.set)(row);
  const headers = { ...version(service), ...(etag === undefined ? {} : { ETag: etag }) };
  if (plan.kind === 'update') return { status: 204, headers, body: undefined };
  return {
    status: 201,
    headers: {
      ...headers,
      'Content-Type': JSON_TYPE,
      Location: `${request.root}/${plan.set.name}${keyFormatterOf(plan.set, service.version)(row)}`,
    },
    body: entityText(service, request, plan.set, WHOLE, row),
  };
};

const version = (service: Service): Record<string, string> =>
  service.version === 2 ? { DataServiceVersion: '2.0' } : { 'OData-Version': '4.0' };

const json = (service: Service, body: string | Buffer): ServiceAnswer => ({
  status: 200,
  headers: { 'Content-Type': JSON_TYPE, ...version(service) },
  body,
});

const metadata = (service: Service): ServiceAnswer => {
  const text = metadataTexts.get(service) ?? metadataOf(service);
  metadataTexts.set(service, text);
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml;charset=utf-8', ...version(service) },
    body: text,
  };
};

/** V2 answers in Atom unless asked for JSON, and Atom is not emulated: then it says so. */
const checkFormat = (
  service: Service,
  request: ServiceRequest,
  options: Options,
  hasXml: boolean,
): boolean => {
  const format = options.get('$format');
  if (wantsJson(service, request, format)) return true;
  if (hasXml) return false;
  const asked = format ?? request.headers['accept'] ?? 'nothing';
  throw new ODataError(
    415,
    '/IWFND/CM_MGW/415',
    `Unsupported media type requested: '${asked}'. This emulator answers in JSON: send "Accept: application/json" or "$format=json"`,
  );
};

export const wantsJson = (
  service: Service | undefined,
  request: Pick<ServiceRequest, 'headers'>,
  format: string | undefined,
): boolean => {
  if (format !== undefined) return /^(?:json|application\/json(?:;.*)?)$/i.test(format);
  return service?.version === 4 || /application\/json/i.test(request.headers['accept'] ?? '');
};

const serviceDocument = (
  service: Service,
  request: ServiceRequest,
  isJson: boolean,
): ServiceAnswer => {
  const names = service.entitySets.map((set) => set.name);
  if (service.version === 4) {
    const value = names.map((name) => ({ name, kind: 'EntitySet', url: name }));
    return json(service, JSON.stringify({ '@odata.context': `${request.root}/$metadata`, value }));
  }
  if (isJson) return json(service, JSON.stringify({ d: { EntitySets: names } }));
  const collections = names
    .map(
      (name) =>
        `<app:collection href="${name}"><atom:title type="text">${name}</atom:title></app:collection>`,
    )
    .join('');
  return {
    status: 200,
    headers: { 'Content-Type': 'application/atomsvc+xml;charset=utf-8', ...version(service) },
    body: `<?xml version="1.0" encoding="utf-8"?><app:service xml:base="${escapeXml(request.root)}/" xmlns:app="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"><app:workspace><atom:title type="text">Data</atom:title>${collections}</app:workspace></app:service>`,
  };
};

const within = ({ origin }: Collection): Iterable<unknown> | undefined =>
  origin?.navigation.rows(origin.row);

const readCollection = (
  service: Service,
  request: ServiceRequest,
  options: Options,
  collection: Collection,
  spoil: Spoil | undefined,
): ServiceAnswer => {
  const { set } = collection;
  const query = parseQuery(service, set, options);
  const page = readPage(service, set, query, within(collection));
  const nextLink = page.nextToken === undefined ? undefined : linkTo(request, page.nextToken);
  let text: string;
  if (service.version === 2) {
    const encode = encoderV2(service, set, query.shape, request.root);
    text = collectionV2(page.rows, encode, page.count, nextLink);
  } else {
    const encode = encoderV4(service, set, query.shape, hasTextNumbers(request, options));
    text = collectionV4(`$metadata#${set.name}`, page.rows, encode, page.count, nextLink);
  }
  const { place } = page;
  return json(service, spoil === undefined ? text : spoil({ text, service, set, place }, request));
};

const hasTextNumbers = (request: ServiceRequest, options: Options): boolean =>
  /IEEE754Compatible=true/i.test(
    `${options.get('$format') ?? ''} ${request.headers['accept'] ?? ''}`,
  );

/** The address asked for, with another `$skiptoken`. */
const linkTo = (request: ServiceRequest, token: string): string => {
  const kept = request.query
    .split('&')
    .filter((part) => part !== '' && !/^(?:\$|%24)skiptoken=/i.test(part));
  return `${request.root}/${request.path}?${[...kept, `$skiptoken=${encodeURIComponent(token)}`].join('&')}`;
};

const readCount = (service: Service, options: Options, collection: Collection): ServiceAnswer => {
  const query: Query = parseQuery(service, collection.set, options);
  const count = countOf(service, collection.set, query, within(collection));
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain;charset=utf-8', ...version(service) },
    body: String(count),
  };
};

const readEntity = (
  service: Service,
  request: ServiceRequest,
  options: Options,
  entity: EntityAt,
): ServiceAnswer => {
  for (const name of ['$filter', '$orderby', '$top', '$skip', '$skiptoken', '$inlinecount']) {
    if (options.has(name))
      throw badRequest(`Query option '${name}' is not allowed for a single entity`);
  }
  const { shape } = parseQuery(service, entity.set, options);
  const etag = etagReaderOf(entity.set)(entity.row);
  if (etag !== undefined && request.headers['if-none-match'] === etag)
    return { status: 304, headers: { ETag: etag, ...version(service) }, body: undefined };
  const answer = json(service, entityText(service, request, entity.set, shape, entity.row));
  return etag === undefined ? answer : { ...answer, headers: { ...answer.headers, ETag: etag } };
};

const entityText = (
  service: Service,
  request: ServiceRequest,
  set: EntitySet,
  shape: Shape,
  row: unknown,
): string => {
  if (service.version === 2) return `{"d":${encoderV2(service, set, shape, request.root)(row)}}`;
  const encode = encoderV4(service, set, shape, hasTextNumbers(request, new Map()));
  const context = JSON.stringify(`$metadata#${set.name}/$entity`);
  return `{"@odata.context":${context},${encode(row).slice(1)}`;
};

const readProperty = (
  service: Service,
  { entity, property, isRaw }: Extract<Resource, { kind: 'property' }>,
): ServiceAnswer => {
  const value = property.value(entity.row);
  if (isRaw) {
    const text =
      service.version === 2 ? encodeValueV2(property, value) : encodeValueV4(property, value, true);
    return {
      status: value === null ? 204 : 200,
      headers: { 'Content-Type': 'text/plain;charset=utf-8', ...version(service) },
      body: value === null ? undefined : String(JSON.parse(text)),
    };
  }
  const name = JSON.stringify(property.name);
  return json(
    service,
    service.version === 2
      ? `{"d":{${name}:${encodeValueV2(property, value)}}}`
      : `{"value":${encodeValueV4(property, value, false)}}`,
  );
};
