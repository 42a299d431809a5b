/** Calls the platform; what an operation takes and answers is the OpenAPI document's. */
import { type Operations, operations, type Problem } from './schema.js';

export type Name = keyof Operations & keyof typeof operations;

type Given<N extends Name> = (keyof Operations[N]['params'] extends never
  ? object
  : { readonly params: Operations[N]['params'] }) & {
  readonly query?: Operations[N]['query'];
} & (Operations[N]['body'] extends undefined ? object : { readonly body: Operations[N]['body'] });

export type Input<N extends Name> = Given<N>;
export type Output<N extends Name> = Operations[N]['answer'];

export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  constructor(status: number, problem: Problem | null) {
    super(problem?.title ?? (status === 0 ? 'The platform does not answer.' : `HTTP ${status}`));
    this.status = status;
    this.problem = problem;
  }
}

export async function call<N extends Name>(
  token: string | null,
  name: N,
  input: Input<N>,
  signal?: AbortSignal,
): Promise<Output<N>> {
  const [method] = operations[name];
  const { body } = input as { readonly body?: unknown };
  const response = await fetch(urlOf(name, input), {
    method,
    headers: {
      accept: 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((thrown: unknown) => {
    if (signal?.aborted) throw thrown;
    throw new ApiError(0, null);
  });
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as Output<N>;
  throw new ApiError(response.status, problemIn(text));
}

export function urlOf<N extends Name>(name: N, input: Input<N>): string {
  const [, template] = operations[name];
  const { params = {}, query = {} } = input as {
    readonly params?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string | number | undefined>>;
  };
  // Slashes of keys stay as they are, so that an address reads like the thing it names.
  const path = template.replace(/\{(\w+)\}/g, (_, key: string) =>
    (params[key] ?? '').split('/').map(encodeURIComponent).join('/'),
  );
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  return given.length === 0 ? path : `${path}?${search}`;
}

function problemIn(text: string): Problem | null {
  try {
    const value = JSON.parse(text) as Problem;
    return typeof value.title === 'string' ? value : null;
  } catch {
    return null;
  }
}
