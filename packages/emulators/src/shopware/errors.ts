/** Errors as Shopware words them: `{ errors: [{ code, status, title, detail }] }`. */

export interface ShopwareErrorEntry {
  readonly code: string;
  readonly status: string;
  readonly title: string;
  readonly detail: string;
  readonly source?: { readonly pointer: string };
  readonly meta?: { readonly parameters: Readonly<Record<string, string>> };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

export class ShopwareError extends Error {
  readonly status: number;
  readonly entries: readonly ShopwareErrorEntry[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    entries: readonly ShopwareErrorEntry[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(entries[0]?.detail ?? 'error');
    this.status = status;
    this.entries = entries;
    this.headers = headers;
  }
}

export const errorEntry = (
  status: number,
  code: string,
  detail: string,
  pointer?: string,
): ShopwareErrorEntry => ({
  code,
  status: String(status),
  title: TITLES[status] ?? 'Error',
  detail,
  ...(pointer === undefined ? {} : { source: { pointer } }),
});

export const fail = (status: number, code: string, detail: string, pointer?: string): never => {
  throw new ShopwareError(status, [errorEntry(status, code, detail, pointer)]);
};

export const notFound = (entity: string, id: string): never =>
  fail(
    404,
    'FRAMEWORK__RESOURCE_NOT_FOUND',
    `The ${entity} resource with the following primary key was not found: id(${id})`,
  );

export const unauthorized = (detail: string): ShopwareError =>
  new ShopwareError(401, [
    {
      code: '9',
      status: '401',
      title: 'The resource owner or authorization server denied the request.',
      detail,
    },
  ]);

export const missingPrivilege = (privilege: string): never =>
  fail(
    403,
    'FRAMEWORK__MISSING_PRIVILEGE_ERROR',
    JSON.stringify({ message: 'Missing privilege', missingPrivileges: [privilege] }),
  );

export const tooManyRequests = (retryAfterSeconds: number): ShopwareError =>
  new ShopwareError(
    429,
    [
      errorEntry(
        429,
        'FRAMEWORK__RATE_LIMIT_EXCEEDED',
        `Too many requests, try again in ${retryAfterSeconds} seconds.`,
      ),
    ],
    { 'Retry-After': String(retryAfterSeconds) },
  );
