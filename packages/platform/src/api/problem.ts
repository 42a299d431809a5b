/** Errors as RFC 9457 problem details. */
import { type ErrorKind, ensureError, HeadraceError } from '@headrace/sdk';

/** One thing that is wrong with a request, and where. */
export interface Fault {
  readonly detail: string;
  /** Into the body. */
  readonly pointer?: string;
  readonly parameter?: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly Fault[];
}

const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  config: 400,
  transient: 503,
  'rate-limited': 429,
  record: 422,
  contract: 422,
  conflict: 409,
  cancelled: 503,
  invariant: 500,
};

export class HttpProblem extends HeadraceError {
  readonly status: number;
  readonly errors: readonly Fault[];
  constructor(
    status: number,
    code: string,
    message: string,
    hint?: string,
    errors: readonly Fault[] = [],
  ) {
    super('config', message, { code, ...(hint === undefined ? {} : { hint }) });
    this.status = status;
    this.errors = errors;
  }
}

/** A page of the platform itself: `GET /errors/{code}`. */
export function typeOf(code: string): string {
  return `/errors/${code}`;
}

export function problemOf(thrown: unknown): Problem {
  const fastify = thrown as { statusCode?: number; code?: string; message?: string };
  if (
    !(thrown instanceof HeadraceError) &&
    fastify.statusCode !== undefined &&
    fastify.statusCode < 500
  ) {
    return {
      type: typeOf('E_REQUEST'),
      title: fastify.message ?? 'The request could not be read.',
      status: fastify.statusCode,
      code: 'E_REQUEST',
    };
  }
  const error = ensureError(thrown);
  const status = error instanceof HttpProblem ? error.status : statusOfKind[error.kind];
  // What went wrong inside is for the log; a stranger learns only that something did.
  const title = error.code === 'E_UNEXPECTED' ? 'Something went wrong inside.' : error.message;
  return {
    type: typeOf(error.code),
    title,
    status,
    code: error.code,
    ...(error.hint === undefined ? {} : { detail: error.hint }),
    ...(error instanceof HttpProblem && error.errors.length > 0 ? { errors: error.errors } : {}),
  };
}
