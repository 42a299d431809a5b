/**
 * A route, said once: what it takes, what it answers and who may call it. The server checks requests
 * by it, the compiler holds its handler to it, and the OpenAPI document is made of it. Rooms get
 * `Routes`, which takes nothing that is not described.
 *
 *   role (401, 403) → parameters → query → body (400, each fault with its place) → handler
 */
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteHandlerMethod,
  RouteShorthandOptions,
} from 'fastify';
import type { z } from 'zod';
import { mayAct, type Principal, type Role, type TokenStore } from './access.js';
import { JsonParts } from './json-parts.js';
import { type Fault, HttpProblem } from './problem.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';

export const tags = {
  status: 'How the platform and its streams are.',
  entities: 'Canonical records and where each value comes from.',
  features: 'Values for models, now and as of any moment.',
  flows: 'What goes to which system, and what would go.',
  intake: 'What systems send us.',
  quality: 'What is wrong, where systems disagree, and what may be used.',
  predictions: 'What will be, whether it may be used, and what it stands on.',
  operators: 'Acts of people; each is journaled with who did it.',
  audit: 'The log of the journal: checkpoints and proofs.',
  access: 'Tokens and sessions.',
  documents: 'The interface itself.',
} as const;

export interface Described {
  /** `operationId`: a verb and a noun, unique. */
  readonly name: string;
  readonly method: Method;
  /** With parameters in braces; `{key+}`, at the end only, takes the slashes, too. */
  readonly path: string;
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description?: string;
  /** The least role that may call it; null: nobody is asked who they are. */
  readonly role: Role | null;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly status?: number;
  /** Further statuses with the same answer, and when. */
  readonly also?: Readonly<Record<number, string>>;
}

/** A route that takes and answers JSON. */
export interface Route extends Described {
  readonly body?: z.ZodType;
  /** Null: the answer has no body. */
  readonly answer: z.ZodType | null;
}

/** A route that checks what comes itself: bytes a system signed, or an answer that is no JSON. */
export interface RawRoute extends Described {
  /** What the body is, in words, or its schema where it is JSON. */
  readonly takes?: { readonly media: string; readonly text: string };
  readonly gives: { readonly media: string; readonly text: string; readonly schema?: z.ZodType };
}

export type AnyRoute = Route | RawRoute;

type Part<R, Name extends string> = R extends { readonly [K in Name]: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

export type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

type Answer<R extends Route> = R['answer'] extends z.ZodType
  ? DeepReadonly<z.input<R['answer']>>
  : // biome-ignore lint/suspicious/noConfusingVoidType: A handler without an answer returns nothing.
    void;

export interface Call<R extends Described> {
  readonly principal: R['role'] extends null ? null : Principal;
  readonly params: Part<R, 'params'>;
  readonly query: Part<R, 'query'>;
  readonly body: Part<R, 'body'>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** For calls that need more than the route does, such as those that open personal data. */
  demand(role: Role): void;
}

/** Keeps the types of the schemas, which the handler is held to. */
export function defineRoute<const R extends Route>(route: R): R {
  return route;
}

/** Where routes are put up; the only way to one. */
export class Routes {
  readonly #app: FastifyInstance;
  readonly #tokens: Pick<TokenStore, 'find'>;
  readonly #described: AnyRoute[] = [];

  constructor(app: FastifyInstance, tokens: Pick<TokenStore, 'find'>) {
    this.#app = app;
    this.#tokens = tokens;
  }

  get described(): readonly AnyRoute[] {
    return this.#described;
  }

  on<R extends Route>(
    route: R,
    handle: (call: Call<R>) => Answer<R> | JsonParts | Promise<Answer<R> | JsonParts>,
    /** Told when the head of a request is there; what it returns, when it was handled or given up. */
    arrived?: () => () => void,
  ): void {
    this.#described.push(route);
    const { params, query, body, role } = route;
    const tail = tailOf(route.path);
    this.#app.route({
      method: route.method,
      url: urlOf(route.path),
      ...(arrived === undefined ? {} : { onRequest: untilHandled(arrived) }),
      handler: async (request, reply) => {
        const principal = role === null ? null : this.demand(request, role);
        const named = request.params as Record<string, string>;
        const given = tail === null ? named : { ...named, [tail]: named['*'] };
        if (tail !== null) delete given['*'];
        const call = {
          principal,
          params: params && checked(params, given, 'path'),
          query: query && checked(query, request.query, 'query'),
          body: body && checkedBody(body, request.body),
          request,
          reply,
          demand: (needed: Role) => void this.demand(request, needed),
        } as Call<R>;
        reply.code(route.status ?? (route.answer === null ? 204 : 200));
        const answer = await handle(call);
        if (answer instanceof JsonParts) {
          const { payload, bytes } = answer.end();
          reply.header('content-length', bytes);
          return reply.type('application/json; charset=utf-8').send(payload);
        }
        return answer === undefined ? reply.send() : reply.send(answer);
      },
    });
  }

  /** The handler does everything itself, from the role on; nothing stands before hot ones. */
  raw(route: RawRoute, options: RouteShorthandOptions, handler: RouteHandlerMethod): void {
    this.#described.push(route);
    this.#app.route({ ...options, method: route.method, url: urlOf(route.path), handler });
  }

  /** Whose token the request carries, when the role is enough. */
  demand(request: FastifyRequest, needed: Role): Principal {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const principal = given === undefined ? null : this.#tokens.find(given);
    if (principal === null) {
      const hint = 'Send `Authorization: Bearer …`.';
      throw new HttpProblem(401, 'E_TOKEN', 'This needs a token.', hint);
    }
    if (!mayAct(principal, needed)) {
      throw new HttpProblem(403, 'E_ROLE', `This needs the role ${needed}.`);
    }
    return principal;
  }
}

function untilHandled(arrived: () => () => void): onRequestHookHandler {
  return (_request, reply, done) => {
    // Comes after the answer was handed over, too, and once.
    reply.raw.once('close', arrived());
    done();
  };
}

const tailPattern = /\{(\w+)\+\}$/;

function tailOf(path: string): string | null {
  return tailPattern.exec(path)?.[1] ?? null;
}

/** As the server's router writes it. */
export function urlOf(path: string): string {
  return path.replace(tailPattern, '*').replace(/\{(\w+)\}/g, ':$1');
}

function checked(schema: z.ZodType, value: unknown, place: 'path' | 'query'): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) =>
    placesOf(issue).map((path) => ({
      parameter: String(path[0] ?? ''),
      detail: issue.message,
    })),
  );
  const said = errors.map(({ parameter, detail }) => `${parameter}: ${detail}`).join(' ');
  const title = `A parameter of the ${place} does not fit.`;
  throw new HttpProblem(400, 'E_QUERY', title, said, errors);
}

/** The body of a raw route, checked as that of any other. */
export function checkedBody(schema: z.ZodType, bytes: unknown): unknown {
  const result = schema.safeParse(jsonOf(bytes));
  if (result.success) return result.data;
  const errors: Fault[] = result.error.issues.flatMap((issue) =>
    placesOf(issue).map((path) => ({ pointer: pointerOf(path), detail: issue.message })),
  );
  const said = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' ');
  throw new HttpProblem(400, 'E_BODY', 'The body does not fit.', said, errors);
}

function jsonOf(bytes: unknown): unknown {
  try {
    return JSON.parse((bytes as Buffer).toString('utf8'));
  } catch {
    throw new HttpProblem(400, 'E_BODY', 'The body is not JSON.');
  }
}

/** Zod names keys that should not be there in one issue of their parent. */
function placesOf(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  if (issue.code !== 'unrecognized_keys') return [issue.path];
  return issue.keys.map((key) => [...issue.path, key]);
}

/** A JSON pointer (RFC 6901) in its form for fragments, as RFC 9457 shows it. */
export function pointerOf(path: readonly PropertyKey[]): string {
  const parts = path.map((part) =>
    encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  return ['#', ...parts].join('/');
}
