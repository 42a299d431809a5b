import type { IncomingMessage, ServerResponse } from 'node:http';
import { pauseRealMs } from '../clock.js';
import { readBody, sendJson } from '../http.js';
import { LIMIT_DEFAULT, parseCriteria } from './criteria.js';
import { encodeRow, tableOf } from './encode.js';
import {
  errorEntry,
  fail,
  notFound,
  ShopwareError,
  tooManyRequests,
  unauthorized,
} from './errors.js';
import type { FaultPort, RequestTarget } from './fault-port.js';
import { ID_PATTERN } from './ids.js';
import { toJsonApi, toResource } from './json-api.js';
import { upload } from './media-upload.js';
import { type ApiClient, clientNamed, type OAuth, requirePrivilege } from './oauth.js';
import { findRows, search, searchJson } from './search.js';
import type { Shop } from './shop.js';
import { requireSync, runSync } from './sync.js';
import type { Entity, ReadContext, Table } from './table.js';
import { isMachine, transition } from './transitions.js';
import { isRecord } from './write-plan.js';
import { planDelete, planUpsert } from './writes.js';

/** The Admin API over HTTP. */

export interface ShopwareServerOptions {
  readonly shop: Shop;
  readonly oauth: OAuth;
  readonly faults: FaultPort;
  /** 0 lifts the limit. */
  readonly requestsPerSecond: number;
  readonly onCall: (target: RequestTarget, client?: string) => void;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** The body when it is JSON already. */
  readonly json?: Buffer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rewrite?: (body: Buffer) => Buffer;
}

interface Call {
  readonly target: RequestTarget;
  readonly parts: readonly string[];
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly client: ApiClient;
}

export const createShopwareListener = (
  options: ShopwareServerOptions,
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const admit = createRateLimit(options);
  return (request, response) => {
    serve(options, admit, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { errors: [errorEntry(500, '0', String(error))] });
    });
  };
};

const createRateLimit = (options: ShopwareServerOptions): ((client: string) => void) => {
  const { requestsPerSecond } = options;
  const { clock } = options.shop;
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return (client) => {
    if (requestsPerSecond <= 0) return;
    const nowMs = clock.now();
    const bucket = buckets.get(client) ?? { tokens: requestsPerSecond, atMs: nowMs };
    bucket.tokens = Math.min(
      requestsPerSecond,
      bucket.tokens + ((nowMs - bucket.atMs) / 1000) * requestsPerSecond,
    );
    bucket.atMs = nowMs;
    buckets.set(client, bucket);
    if (bucket.tokens < 1)
      throw tooManyRequests(Math.max(1, Math.ceil((1 - bucket.tokens) / requestsPerSecond)));
    bucket.tokens -= 1;
  };
};

const targetOf = (request: IncomingMessage): { target: RequestTarget; parts: string[] } => {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const parts = path.split('/').filter((part) => part !== '');
  const named = parts[1] === 'search' || parts[1] === 'search-ids' ? parts[2] : parts[1];
  const entity =
    named === undefined || named.startsWith('_') || named === 'oauth'
      ? undefined
      : named.replaceAll('-', '_');
  return { target: { method: request.method ?? 'GET', path, entity }, parts };
};

const serve = async (
  options: ShopwareServerOptions,
  admit: (client: string) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { faults } = options;
  const { target, parts } = targetOf(request);
  options.onCall(target, clientNamed(request.headers.authorization));
  const body = await readBody(request);
  const delayMs = faults.delayMsFor(target);
  if (delayMs > 0) await pauseRealMs(delayMs);
  let answer: Answer;
  try {
    const fault = faults.onRequest(target);
    if (fault?.kind === 'outage') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'token-expiry') {
      options.oauth.expireAll();
      throw unauthorized('The access token is expired');
    }
    if (fault?.kind === 'status') throw faultStatus(fault.status, fault.retryAfterS);
    answer = await route(options, admit, target, parts, request, body);
  } catch (error) {
    if (!(error instanceof ShopwareError)) throw error;
    answer = { status: error.status, body: { errors: error.entries }, headers: error.headers };
  }
  await send(faults, target, response, answer);
};

const faultStatus = (status: number, retryAfterS = 1): ShopwareError =>
  status === 429
    ? tooManyRequests(retryAfterS)
    : new ShopwareError(status, [errorEntry(status, '0', 'Service temporarily unavailable.')]);

const send = async (
  faults: FaultPort,
  target: RequestTarget,
  response: ServerResponse,
  answer: Answer,
): Promise<void> => {
  const fault = faults.onAnswer(target);
  if (fault?.kind === 'timeout-after-apply') {
    await pauseRealMs(fault.holdMs);
    response.destroy();
    return;
  }
  if (answer.body === undefined && answer.json === undefined) {
    response.writeHead(answer.status, answer.headers);
    response.end();
    return;
  }
  const plain = answer.json ?? Buffer.from(JSON.stringify(answer.body));
  const bytes = answer.rewrite === undefined ? plain : answer.rewrite(plain);
  response.writeHead(answer.status, {
    'Content-Type': answer.type ?? 'application/json',
    'Content-Length': bytes.length,
    ...answer.headers,
  });
  if (fault?.kind === 'truncate') {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return;
  }
  response.end(bytes);
};

const parseBody = (request: IncomingMessage, body: Buffer): unknown => {
  if (body.length === 0) return {};
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body.toString()));
  }
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return fail(400, '0', 'The JSON payload is malformed.');
  }
};

const route = (
  options: ShopwareServerOptions,
  admit: (client: string) => void,
  target: RequestTarget,
  parts: readonly string[],
  request: IncomingMessage,
  body: Buffer,
): Answer | Promise<Answer> => {
  if (parts[0] !== 'api')
    return fail(404, '0', `No route found for "${target.method} ${target.path}"`);
  if (parts[1] === 'oauth' && parts[2] === 'token') {
    if (target.method !== 'POST') return methodNotAllowed(target);
    const given = parseBody(request, body);
    const address = request.socket.remoteAddress ?? '';
    return {
      status: 200,
      body: options.oauth.grant(isRecord(given) ? given : {}, address),
      headers: { 'Cache-Control': 'no-store' },
    };
  }
  const client = options.oauth.authenticate(request.headers.authorization);
  admit(client.id);
  const call: Call = { target, parts, request, body, client };
  const first = parts[1] ?? '';
  if (first === '_info') return info(options, call);
  if (first === '_action') return action(options, call);
  if (first === 'search' || first === 'search-ids')
    return runSearch(options, call, first === 'search-ids');
  return resource(options, call);
};

const methodNotAllowed = (target: RequestTarget): never =>
  fail(405, '0', `No route found for "${target.method} ${target.path}": Method Not Allowed`);

const contextOf = (shop: Shop, request: IncomingMessage): ReadContext => {
  const wanted = request.headers['sw-language-id'];
  // The header counts by being there; the shop does not look at its value.
  const hasInheritance = request.headers['sw-inheritance'] !== undefined;
  if (typeof wanted !== 'string' || wanted === '') return { language: 0, hasInheritance };
  const language = tableOf(shop.tables, 'language').rowOf(wanted);
  if (language < 0) {
    fail(412, 'FRAMEWORK__LANGUAGE_NOT_FOUND', 'The language could not be found.');
  }
  return { language, hasInheritance };
};

const isPlainJson = (request: IncomingMessage): boolean =>
  (request.headers.accept ?? '').includes('application/json');

const JSON_API = 'application/vnd.api+json';

const entityTable = (shop: Shop, call: Call, name: string | undefined): Table => {
  const table = shop.tables.get((name ?? '').replaceAll('-', '_'));
  if (table === undefined || (name ?? '').includes('_')) {
    return fail(404, '0', `No route found for "${call.target.method} ${call.target.path}"`);
  }
  return table;
};

const runSearch = (options: ShopwareServerOptions, call: Call, isIdsOnly: boolean): Answer => {
  const { shop, faults } = options;
  if (call.target.method !== 'POST') return methodNotAllowed(call.target);
  const table = entityTable(shop, call, call.parts[2]);
  requirePrivilege(call.client, `${table.entity}:read`);
  const given = parseBody(call.request, call.body);
  const criteria = parseCriteria(isRecord(given) ? given : {});
  const context = contextOf(shop, call.request);
  if (isIdsOnly) {
    const found = findRows(shop.tables, table, criteria, context);
    return { status: 200, body: { total: found.total, data: found.rows.map(table.idOf) } };
  }
  if (faults.isQuiet() && isPlainJson(call.request)) {
    return { status: 200, json: searchJson(shop.tables, table, criteria, context) };
  }
  const answer = search(shop.tables, table, criteria, context);
  const page = { page: criteria.page, limit: criteria.limit ?? LIMIT_DEFAULT };
  const rewrite = faults.onSearch(call.target, answer, page);
  if (isPlainJson(call.request)) {
    return { status: 200, body: answer, ...(rewrite === undefined ? {} : { rewrite }) };
  }
  return {
    status: 200,
    type: JSON_API,
    body: toJsonApi(baseUrl(call), table, answer.data, answer.total, criteria.totalCountMode),
    ...(rewrite === undefined ? {} : { rewrite }),
  };
};

const baseUrl = (call: Call): string => `http://${call.request.headers.host ?? 'localhost'}`;

const resource = (options: ShopwareServerOptions, call: Call): Answer => {
  const { shop } = options;
  const { method } = call.target;
  const table = entityTable(shop, call, call.parts[1]);
  const id = call.parts[2];
  if (method === 'GET') {
    requirePrivilege(call.client, `${table.entity}:read`);
    return id === undefined ? listAll(shop, table, call) : readOne(shop, table, id, call);
  }
  if (method === 'POST' && id === undefined) return writeOne(shop, table, call, undefined);
  if (method === 'PATCH' && id !== undefined) {
    if (!ID_PATTERN.test(id) || !table.isLive(table.rowOf(id))) return notFound(table.entity, id);
    return writeOne(shop, table, call, id);
  }
  if (method === 'DELETE' && id !== undefined) {
    requirePrivilege(call.client, `${table.entity}:delete`);
    const plan = planDelete(shop, table.entity, id);
    if (plan.kind === 'not-found') return notFound(table.entity, id);
    if (plan.kind === 'invalid') throw new ShopwareError(400, plan.errors);
    shop.events.batch(() => {
      for (const write of plan.writes) write.apply(shop.clock.now());
    });
    return { status: 204 };
  }
  return methodNotAllowed(call.target);
};

const listAll = (shop: Shop, table: Table, call: Call): Answer => {
  const query = new URLSearchParams((call.request.url ?? '').split('?')[1] ?? '');
  const criteria = parseCriteria(Object.fromEntries(query));
  const answer = search(shop.tables, table, criteria, contextOf(shop, call.request));
  if (isPlainJson(call.request)) return { status: 200, body: answer };
  const body = toJsonApi(baseUrl(call), table, answer.data, answer.total, criteria.totalCountMode);
  return { status: 200, type: JSON_API, body };
};

const readOne = (shop: Shop, table: Table, id: string, call: Call): Answer => {
  const row = ID_PATTERN.test(id) ? table.rowOf(id) : -1;
  if (row < 0 || !table.isLive(row)) return notFound(table.entity, id);
  const context = contextOf(shop, call.request);
  const entity: Entity = encodeRow(shop.tables, table, row, parseCriteria({}), context);
  if (isPlainJson(call.request)) return { status: 200, body: { data: entity } };
  const included = new Map();
  const data = toResource(baseUrl(call), table.entity, entity, included);
  return { status: 200, type: JSON_API, body: { data, included: [...included.values()] } };
};

const writeOne = (shop: Shop, table: Table, call: Call, id: string | undefined): Answer => {
  requirePrivilege(call.client, `${table.entity}:${id === undefined ? 'create' : 'update'}`);
  const given = parseBody(call.request, call.body);
  const payload = isRecord(given) ? { ...given, ...(id === undefined ? {} : { id }) } : given;
  const plan = planUpsert(shop, table.entity, payload, '', new Map());
  if (plan.kind === 'invalid') throw new ShopwareError(400, plan.errors);
  if (plan.kind === 'not-found') return notFound(table.entity, plan.id);
  shop.events.batch(() => {
    for (const write of plan.writes) write.apply(shop.clock.now());
  });
  const written = plan.writes[0]?.id ?? '';
  const location = `${baseUrl(call)}/api/${call.parts[1]}/${written}`;
  return { status: 204, headers: { Location: location } };
};

const action = (options: ShopwareServerOptions, call: Call): Answer | Promise<Answer> => {
  const { shop } = options;
  if (call.target.method !== 'POST') return methodNotAllowed(call.target);
  const [, , name, id, state, transitionName] = call.parts;
  if (name === 'sync') {
    const operations = parseBody(call.request, call.body);
    for (const operation of Array.isArray(operations) ? operations : []) {
      if (isRecord(operation)) {
        requireSync(shop, call.client, operation);
      }
    }
    const failOnError = call.request.headers['fail-on-error'] !== 'false';
    const result = runSync(shop, operations, failOnError);
    return { status: result.status, body: result.body };
  }
  if (name === 'media' && id !== undefined && state === 'upload') {
    requirePrivilege(call.client, 'media:update');
    const headers = { Location: `${baseUrl(call)}/api/media/${id}` };
    return upload(shop, id, call.request, call.body).then(() => ({ status: 204, headers }));
  }
  if (
    name !== undefined &&
    isMachine(name) &&
    state === 'state' &&
    id !== undefined &&
    transitionName !== undefined
  ) {
    requirePrivilege(call.client, `${name}:update`);
    return { status: 200, body: transition(shop, name, id, transitionName) };
  }
  return fail(404, '0', `No route found for "${call.target.method} ${call.target.path}"`);
};

const info = (options: ShopwareServerOptions, call: Call): Answer => {
  const { shop } = options;
  if (call.target.method !== 'GET') return methodNotAllowed(call.target);
  if (call.parts[2] === 'version') return { status: 200, body: { version: shop.version } };
  if (call.parts[2] !== 'config') {
    return fail(404, '0', `No route found for "${call.target.method} ${call.target.path}"`);
  }
  return {
    status: 200,
    body: {
      version: shop.version,
      shopId: shop.shopId,
      versionRevision: '0000000000000000000000000000000000000000',
      adminWorker: {
        enableAdminWorker: false,
        enableQueueStatsWorker: false,
        enableNotificationWorker: false,
        transports: ['async', 'low_priority'],
      },
      bundles: {},
      settings: {
        enableUrlFeature: true,
        appUrlReachable: true,
        appsRequireAppUrl: false,
        firstMigrationDate: null,
        private_allowed_extensions: ['jpg', 'png', 'pdf'],
        enableHtmlSanitizer: true,
        enableStagingMode: false,
        disableExtensionManagement: false,
        presignedUploadSupported: false,
      },
      inAppPurchases: [],
    },
  };
};
