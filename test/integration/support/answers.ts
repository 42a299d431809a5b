/**
 * Holds answers against the OpenAPI document the platform serves: each must have a schema for its
 * status and pass it, with no member the document does not know.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, object> }>>;
}

export interface Answers {
  /** What is wrong with an answer, or null. */
  problem(method: string, url: string, status: number, body: unknown): string | null;
  /** `METHOD /path` of the operations whose answers were looked at. */
  readonly seen: ReadonlySet<string>;
  readonly operations: readonly string[];
}

export async function readAnswers(apiUrl: string): Promise<Answers> {
  const response = await fetch(`${apiUrl}/v1/openapi.json`);
  const document = (await response.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(closed(document) as object, 'api');
  const compiled = new Map<string, ValidateFunction>();
  const seen = new Set<string>();
  // The last parameter may hold slashes, where no other path has a place for them.
  const paths = ['[^/]+', '.+'].flatMap((last) =>
    Object.keys(document.paths)
      .toSorted((a, b) => b.split('/').length - a.split('/').length)
      .map((path) => ({ path, pattern: patternOf(path, last) })),
  );
  return {
    seen,
    operations: Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    ),
    problem(method, url, status, body) {
      const [plain = ''] = url.split('?');
      const path = paths.find(({ pattern }) => pattern.test(plain))?.path;
      const operation = path && document.paths[path]?.[method.toLowerCase()];
      if (path === undefined || !operation) return `${method} ${plain} is not in the document`;
      const slot = operation.responses[status] === undefined ? 'default' : String(status);
      if (slot === 'default' && status < 400) return `${method} ${path} does not tell of ${status}`;
      if (slot !== 'default') seen.add(`${method} ${path}`);
      const media = Object.keys(operation.responses[slot]?.content ?? {})[0];
      if (media === undefined) return body === null ? null : 'a body where there should be none';
      const at = ['paths', path, method.toLowerCase(), 'responses', slot, 'content', media];
      const ref = `api#/${at.map((part) => escaped(part)).join('/')}/schema`;
      const validate = compiled.get(ref) ?? ajv.compile({ $ref: ref });
      compiled.set(ref, validate);
      return validate(body) ? null : `${method} ${path}: ${ajv.errorsText(validate.errors)}`;
    },
  };
}

/** The document leaves room for members to come; an answer of today has none it does not name. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([name, value]) => [name, closed(value)]);
  const object = Object.fromEntries(entries) as Record<string, unknown>;
  const isOpen = object['type'] === 'object' && object['properties'] !== undefined;
  return isOpen ? { additionalProperties: false, ...object } : object;
}

function patternOf(path: string, tail: string): RegExp {
  const last = path.endsWith('}') ? path.lastIndexOf('{') : path.length;
  const literal = (text: string) => text.replace(/[.+*?^$()|[\]\\]/g, '\\$&');
  const head = literal(path.slice(0, last)).replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${head}${last === path.length ? '' : tail}$`);
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
