/** The OpenAPI 3.1 document, made of the routes as they are put up. */
import { z } from 'zod';
import { type AnyRoute, type Described, tags } from './route.js';
import { components, problemShape } from './shapes.js';

type Schema = Record<string, unknown>;

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [member: string]: unknown;
}

const at = (id: string) => `#/components/schemas/${id}`;
const parameterPattern = /\{(\w+)\+?\}/g;

export function openApiOf(routes: readonly AnyRoute[], version: string): OpenApi {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace('+}', '}');
    const operations = paths[path] ?? {};
    operations[route.method.toLowerCase()] = operationOf(route);
    paths[path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Headrace',
      version,
      description:
        'Read what the systems of a company say, where each value comes from and how old it is; ' +
        'see and steer what is written back.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: Object.entries(tags)
      .filter(([name]) => routes.some((route) => route.tag === name))
      .map(([name, description]) => ({ name, description })),
    paths: sorted(paths),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: componentSchemas(),
    },
  };
}

function operationOf(route: AnyRoute): unknown {
  const description = [
    ...('description' in route ? [route.description] : []),
    route.role === null ? 'Needs no token.' : `Needs the role \`${route.role}\`.`,
    ...(route.path.includes('+}') ? ['The last parameter may hold slashes as they are.'] : []),
  ].join(' ');
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    description,
    ...(route.role === null ? { security: [] } : {}),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...requestBody(route),
    responses: {
      ...responsesOf(route),
      default: {
        description: 'What went wrong.',
        content: { 'application/problem+json': { schema: refTo(problemShape) } },
      },
    },
  };
}

function pathParameters({ path, params }: Described): unknown[] {
  return [...path.matchAll(parameterPattern)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: params?.shape[name] === undefined ? { type: 'string' } : schemaOf(params.shape[name]),
  }));
}

function queryParameters({ query }: Described): unknown[] {
  return Object.entries(query?.shape ?? {}).map(([name, field]) => {
    const { description, ...schema } = schemaOf(field as z.ZodType);
    return {
      name,
      in: 'query',
      required: !(field as z.ZodType).safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}

function requestBody(route: AnyRoute): Schema {
  if ('body' in route && route.body !== undefined) {
    const content = { 'application/json': { schema: refTo(route.body) } };
    return { requestBody: { required: true, content } };
  }
  if ('takes' in route && route.takes !== undefined) {
    const { media, text } = route.takes;
    return { requestBody: { required: true, description: text, content: { [media]: {} } } };
  }
  return {};
}

function responsesOf(route: AnyRoute): Schema {
  const content = contentOf(route);
  const status = String(route.status ?? (content === null ? 204 : 200));
  const text = 'gives' in route ? route.gives.text : route.summary;
  const first = { [status]: { description: text, ...(content ?? {}) } };
  const others = Object.entries(route.also ?? {}).map(([other, description]) => [
    other,
    { description, ...(content ?? {}) },
  ]);
  return { ...first, ...Object.fromEntries(others) };
}

function contentOf(route: AnyRoute): Schema | null {
  if ('gives' in route) {
    const { media, schema } = route.gives;
    return {
      content: { [media]: { schema: schema === undefined ? { type: 'string' } : refTo(schema) } },
    };
  }
  return route.answer === null
    ? null
    : { content: { 'application/json': { schema: refTo(route.answer) } } };
}

/** A named schema where it has a name, else the schema itself. */
function refTo(schema: z.ZodType): Schema {
  const id = components.get(schema)?.id;
  return id === undefined ? schemaOf(schema) : { $ref: at(id) };
}

const options = {
  io: 'input',
  // Limits of JavaScript's integers say nothing of the interface.
  override({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) {
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    delete jsonSchema.propertyNames;
  },
} as const;

function schemaOf(schema: z.ZodType): Schema {
  const { $schema, ...rest } = z.toJSONSchema(schema, options);
  return rest;
}

function componentSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(components, { ...options, uri: at });
  const list = Object.entries(schemas).map(([id, { $schema, $id, id: _, ...rest }]) => [id, rest]);
  return sorted(Object.fromEntries(list));
}

function sorted<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
