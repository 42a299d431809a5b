/**
 * TypeScript of an OpenAPI document, as far as ours goes: a type for each component, and for each
 * operation that answers JSON what it takes and answers. What a schema says that is not known here
 * is an error, so that no type promises less or more than the document.
 */

const KNOWN = new Set([
  'contentEncoding',
  ...['$ref', 'type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const'],
  ...['anyOf', 'oneOf', 'description', 'format', 'pattern', 'minimum', 'maximum'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'exclusiveMinimum', 'default'],
]);

export function typesOf(document) {
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};`,
  );
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => operationOf(path, method, operation)),
  );
  return [
    '// Written by scripts/generate-docs.mjs from the OpenAPI document; edits here are lost.',
    '',
    ...schemas,
    '',
    'export interface Operations {',
    ...operations.map(({ name, type }) => `  ${name}: ${type};`),
    '}',
    '',
    'export const operations = {',
    ...operations.map(({ name, path, method }) => `  ${name}: ['${method}', '${path}'],`),
    '} as const;',
    '',
  ].join('\n');
}

function operationOf(path, method, operation) {
  const answers = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, response]) => response.content);
  const media = answers.flatMap((content) => Object.keys(content ?? {}));
  if (media.some((one) => one !== 'application/json')) return [];
  const body = operation.requestBody?.content?.['application/json'];
  if (operation.requestBody !== undefined && body?.schema === undefined) return [];
  const parts = (place) =>
    operation.parameters
      .filter((one) => one.in === place)
      .map((one) => `${one.name}${one.required ? '' : '?'}: ${typeOf(one.schema)}`)
      .join('; ');
  const answer = answers[0]?.['application/json'];
  const type = [
    `{ params: {${pad(parts('path'))}}`,
    `query: {${pad(parts('query'))}}`,
    `body: ${body === undefined ? 'undefined' : typeOf(body.schema)}`,
    `answer: ${answer === undefined ? 'undefined' : typeOf(answer.schema)} }`,
  ].join('; ');
  return [{ name: operation.operationId, path, method: method.toUpperCase(), type }];
}

function pad(text) {
  return text === '' ? '' : ` ${text} `;
}

export function typeOf(schema) {
  const unknown = Object.keys(schema).filter((name) => !KNOWN.has(name));
  if (unknown.length > 0) throw new Error(`No type for ${unknown} in ${JSON.stringify(schema)}`);
  if (schema.$ref !== undefined) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return union.map((one) => grouped(typeOf(one))).join(' | ');
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  }
  if (schema.type === 'array') return `readonly ${grouped(typeOf(schema.items))}[]`;
  if (schema.type === 'object') return objectOf(schema);
  if (schema.type === 'integer') return 'number';
  return schema.type ?? 'unknown';
}

function objectOf({ properties, required = [], additionalProperties }) {
  if (properties === undefined) {
    const value = typeof additionalProperties === 'object' ? additionalProperties : {};
    return `Readonly<Record<string, ${typeOf(value)}>>`;
  }
  const members = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return `readonly ${key}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`;
  });
  return members.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${members.join('; ')} }`;
}

function grouped(type) {
  return type.includes(' | ') || type.startsWith('readonly ') ? `(${type})` : type;
}
