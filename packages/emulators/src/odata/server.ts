import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from 'node:http';
import { type Clock, pauseRealMs } from '../clock.js';
import { readBody } from '../http.js';
import type { FaultPort, RequestTarget } from '../shopware/fault-port.js';
import { type Account, type AuthOptions, createAuth, requireService } from './auth.js';
import { answerBatch } from './batch.js';
import {
  answerRequest,
  methodOf,
  type ServiceAnswer,
  type ServiceRequest,
  wantsJson,
} from './engine.js';
import { errorAnswer, toODataError } from './error-body.js';
import { ODataError } from './errors.js';
import { pathOf, type Service } from './model.js';
import { createQuietCheck, type QuietHours } from './quiet-hours.js';
import { createRateLimit } from './rate-limit.js';
import {
  CSRF_FAILED,
  faultStatus,
  noService,
  tooLarge,
  tooLong,
  tooMany,
  unavailable,
} from './refusals.js';
import { createSessions } from './sessions.js';
import { spoilWith } from './spoil.js';
import { isWrite } from './write.js';

/**
 * Several services behind one address, as one SAP system has them: token endpoint, logon, quotas,
 * sessions, down-times and faults in front of the engine. A call passes, in this order: quiet
 * hours, logon, client, quota, service, authorisation, CSRF.
 */

export interface ODataServerOptions {
  readonly services: readonly Service[];
  readonly clock: Clock;
  readonly faults: FaultPort;
  /** Told of each call, and of each change inside a batch. */
  readonly onCall: (target: RequestTarget) => void;
  /** Signs tokens and sessions. */
  readonly secret: string;
  /** Left out, anybody may call. */
  readonly auth?: AuthOptions;
  /** What a fault's scope calls this system; `sap` unless said otherwise. */
  readonly system?: string;
  /** `S4H` unless said otherwise. */
  readonly systemId?: string;
  /** `100` unless said otherwise; a call for another client is refused. */
  readonly client?: string;
  /** 0 or nothing lifts the limit. */
  readonly requestsPerSecond?: number;
  readonly quietHours?: QuietHours;
  readonly urlLengthMax?: number;
  readonly bodyBytesMax?: number;
}

export interface ODataServer {
  readonly listener: RequestListener;
  readonly setQuietHours: (hours: QuietHours | undefined) => void;
  readonly expireTokens: () => void;
  readonly expireSessions: () => void;
}

export const TOKEN_PATH = '/sap/bc/sec/oauth2/token';
const URL_LENGTH_MAX = 8_192;
const BODY_BYTES_MAX = 16 * 1024 * 1024;

interface Answer extends ServiceAnswer {
  /** Set with the answer: names and values. */
  readonly cookies?: readonly (readonly [name: string, value: string])[];
}

export const createODataServer = (options: ODataServerOptions): ODataServer => {
  const { clock, faults, services, secret, system = 'sap' } = options;
  const { systemId = 'S4H', client = '100' } = options;
  const realm = `SAP NetWeaver Application Server [${systemId}/${client}]`;
  const auth =
    options.auth === undefined ? undefined : createAuth(clock, realm, options.auth, secret);
  const sessions = createSessions(clock, { systemId, client, secret });
  const admit = createRateLimit(clock, options.requestsPerSecond ?? 0);
  let quiet = options.quietHours === undefined ? undefined : createQuietCheck(options.quietHours);
  let errors = 0;

  const transactionId = (): string => {
    errors++;
    return errors.toString(16).toUpperCase().padStart(32, '0');
  };

  const toAnswer = (
    error: unknown,
    service: Service | undefined,
    request: Pick<ServiceRequest, 'headers' | 'query'>,
  ): ServiceAnswer =>
    errorAnswer(toODataError(error), {
      service,
      language: languageOf(request),
      isJson:
        wantsJson(service, request, undefined) ||
        wantsJson(service, request, formatOf(request.query)),
      nowMs: clock.now(),
      transactionId: transactionId(),
    });

  /** Throws what the gate answers instead of the service. */
  const pass = (call: Call): { readonly account: Account; readonly service: Service } => {
    const account = auth?.authenticate(call.headers['authorization']) ?? ANYBODY;
    checkClient(call, client);
    const waitS = admit(account.id);
    if (waitS > 0) throw tooMany(waitS);
    const service = call.service;
    if (service === undefined) throw noService(call.path);
    requireService(account, service.name);
    return { account, service };
  };

  const answerCall = (call: Call): Answer => {
    const { account, service } = pass(call);
    const root = `http://${call.headers['host'] ?? 'localhost'}${call.rootPath}`;
    const request: ServiceRequest = { ...call, path: call.rest, root };
    const cookies = call.headers['cookie'];
    const csrf = call.headers['x-csrf-token'];
    if (isWrite(methodOf(request)) && !sessions.isValid(csrf, cookies, account.id))
      return CSRF_FAILED;
    const target = call.target;
    const spoil = spoilWith(faults, target);
    const answer =
      call.rest === '$batch' && call.method === 'POST'
        ? answerBatch(service, request, {
            answer: (inner) => {
              try {
                return answerRequest(service, inner, spoil);
              } catch (error) {
                return toAnswer(error, service, inner);
              }
            },
            toError: (error, inner) => toAnswer(error, service, inner),
            onWrite: (inner) => {
              const path = `${call.rootPath}/${inner.path}`;
              options.onCall({ ...target, method: methodOf(inner), path });
            },
          })
        : answerRequest(service, request, spoil);
    if (csrf?.toLowerCase() !== 'fetch' || isWrite(methodOf(request))) return answer;
    const known = sessions.find(cookies, account.id);
    const session = known ?? sessions.open(account.id);
    return {
      ...answer,
      headers: { ...answer.headers, 'X-CSRF-Token': session.token },
      ...(known === undefined ? { cookies: [...session.cookies] } : {}),
    };
  };

  const answerTo = (call: Call): Answer => {
    const quietMs = quiet?.(clock.now()) ?? 0;
    if (quietMs > 0) return unavailable(quietMs);
    if (call.path === TOKEN_PATH) {
      if (auth === undefined || call.method !== 'POST') throw noService(call.path);
      const form = new URLSearchParams(call.body.toString());
      const { status, headers, body } = auth.grant(call.headers['authorization'], form);
      return {
        status,
        headers: { 'Content-Type': 'application/json;charset=utf-8', ...headers },
        body: JSON.stringify(body),
      };
    }
    return answerCall(call);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    const call = readCall(services, request, url, system);
    options.onCall(call.target);
    if (url.length > (options.urlLengthMax ?? URL_LENGTH_MAX)) {
      await send(faults, call, response, toAnswer(tooLong(), call.service, call));
      return;
    }
    const bodyBytesMax = options.bodyBytesMax ?? BODY_BYTES_MAX;
    if (Number(call.headers['content-length'] ?? 0) > bodyBytesMax) {
      // The rest is not read; the connection cannot be used again.
      const answer = toAnswer(tooLarge(), call.service, call);
      await send(faults, call, response, {
        ...answer,
        headers: { ...answer.headers, Connection: 'close' },
      });
      return;
    }
    const body = await readBody(request, bodyBytesMax);
    const delayMs = faults.delayMsFor(call.target);
    if (delayMs > 0) await pauseRealMs(delayMs);
    let answer: Answer;
    try {
      const fault = faults.onRequest(call.target);
      if (fault?.kind === 'outage') {
        request.socket.destroy();
        return;
      }
      if (fault?.kind === 'token-expiry') {
        auth?.expireTokens();
        sessions.expireAll();
      }
      if (fault?.kind === 'status') throw faultStatus(fault.status, fault.retryAfterS);
      answer = answerTo({ ...call, body });
    } catch (error) {
      answer = toAnswer(error, call.service, call);
    }
    await send(faults, call, response, answer);
  };

  return {
    listener: (request, response) => {
      serve(request, response).catch(() => response.destroy());
    },
    setQuietHours: (hours) => {
      quiet = hours === undefined ? undefined : createQuietCheck(hours);
    },
    expireTokens: () => auth?.expireTokens(),
    expireSessions: () => sessions.expireAll(),
  };
};

const ANYBODY: Account = { id: '', secret: '' };

/** A request on its way through the gate. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly target: RequestTarget;
  readonly service: Service | undefined;
  /** Of the service, without a slash at its end. */
  readonly rootPath: string;
  /** Behind the root. */
  readonly rest: string;
}

const readCall = (
  services: readonly Service[],
  request: IncomingMessage,
  url: string,
  system: string,
): Call => {
  const queryAt = url.indexOf('?');
  const path = queryAt < 0 ? url : url.slice(0, queryAt);
  const query = queryAt < 0 ? '' : url.slice(queryAt + 1);
  const method = request.method ?? 'GET';
  const found = findService(services, path);
  const entity = /^[^/($]+/.exec(found?.rest ?? '')?.[0];
  return {
    method,
    path,
    query,
    headers: flatten(request.headers),
    body: Buffer.alloc(0),
    target: { method, path, entity, system },
    service: found?.service,
    rootPath: found?.rootPath ?? '',
    rest: found?.rest ?? '',
  };
};

const flatten = (headers: IncomingHttpHeaders): Record<string, string | undefined> => {
  const flat: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers))
    flat[name] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
};

/** The service of a path; `;v=0002` and other matrix parameters may follow its root. */
const findService = (
  services: readonly Service[],
  path: string,
): { readonly service: Service; readonly rootPath: string; readonly rest: string } | undefined => {
  for (const service of services) {
    const root = pathOf(service);
    if (!path.startsWith(root)) continue;
    const parameters = /^(?:;[\w=.]+)*/.exec(path.slice(root.length, root.length + 100))?.[0] ?? '';
    const rootPath = root + parameters;
    const behind = path.charAt(rootPath.length);
    if (behind === '' || behind === '/')
      return { service, rootPath, rest: path.slice(rootPath.length + 1) };
  }
  return undefined;
};

const formatOf = (query: string): string | undefined => {
  const match = /(?:^|&)(?:\$|%24)format=([^&]*)/i.exec(query);
  return match?.[1] === undefined ? undefined : match[1].replaceAll('%2F', '/');
};

/** Text is in English only; the language asked for shows in what an error says of itself. */
const languageOf = (request: Pick<ServiceRequest, 'headers' | 'query'>): string => {
  const asked =
    /(?:^|&)sap-language=([a-z]{2})/i.exec(request.query)?.[1] ??
    /^[a-z]{2}/i.exec(request.headers['accept-language'] ?? '')?.[0];
  return asked?.toLowerCase() ?? 'en';
};

const checkClient = (call: Call, client: string): void => {
  const asked =
    /(?:^|&)sap-client=(\d+)/i.exec(call.query)?.[1] ?? call.headers['sap-client'] ?? client;
  if (asked !== client) {
    throw new ODataError(
      401,
      '/IWFND/CM_CONSUMER/102',
      `Client ${asked} is not available in this system`,
    );
  }
};

const send = async (
  faults: FaultPort,
  call: Call,
  response: ServerResponse,
  answer: Answer,
): Promise<void> => {
  const fault = faults.onAnswer(call.target);
  if (fault?.kind === 'timeout-after-apply') {
    await pauseRealMs(fault.holdMs);
    response.destroy();
    return;
  }
  const bytes = Buffer.from(answer.body ?? '');
  const hasBody = answer.body !== undefined;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(hasBody ? { 'Content-Length': bytes.length } : {}),
    ...(answer.cookies === undefined
      ? {}
      : {
          'Set-Cookie': answer.cookies.map(([name, value]) => `${name}=${value}; path=/; HttpOnly`),
        }),
  });
  if (!hasBody || call.method === 'HEAD') {
    response.end();
    return;
  }
  if (fault?.kind === 'truncate') {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return;
  }
  response.end(bytes);
};
