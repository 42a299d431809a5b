/**
 * Contracts as a document of the Open Data Contract Standard 3.1, both ways. Pure.
 *
 * An entity, and a stream that has a contract of its own, is an object of `schema`; a limit on an age
 * is one of `slaProperties`, on the element it holds for; a share that must be right is a quality rule;
 * a field that must not be empty is a required property. What the standard has no word for is a rule
 * of the engine `headrace`, which other tools pass over.
 *
 * The document states our defaults, too, for whoever reads it; a custom property lists which values
 * those are. What comes back as it was listed is a default again, and what somebody changed is theirs.
 */
import {
  describeField,
  type EntityName,
  entityDefinitions,
  HeadraceError,
  isEntityName,
  type Json,
  type JsonObject,
} from '@headrace/sdk';
import { type ContractConfig, type ContractConfigs, Contracts, micro } from './contracts.js';
import type { FieldShape, RecordShape } from './record-shape.js';

export interface DataContractOptions {
  readonly id: string;
  readonly name: string;
  /** Of the document, so that two exports can be told apart. */
  readonly version: string;
  /** Entities some connected system tells of; those the contracts name are added. */
  readonly entities: readonly EntityName[];
  readonly contracts: ContractConfigs;
  readonly durationMs: (text: string) => number | null;
}

export interface ImportedContracts {
  readonly contracts: ContractConfigs;
  /** What the document says that Headrace has no place for, in words. */
  readonly ignored: readonly string[];
}

/** Limits on an age, by the word the standard has for them, or ours where it has none. */
const ages = {
  freshness: 'maxAge',
  latency: 'slo',
  eventAge: 'maxEventAge',
  grace: 'grace',
} as const;
type Age = (typeof ages)[keyof typeof ages];

interface Sla extends Record<string, Json> {
  readonly property: string;
  readonly value: Json;
  readonly unit: string;
  readonly element: string;
}

export function exportContracts(options: DataContractOptions): JsonObject {
  const { contracts, durationMs } = options;
  const named = Object.keys(contracts).flatMap((path) => {
    const entity = path.includes('/') ? '' : (path.split('.')[0] ?? '');
    return isEntityName(entity) ? [entity] : [];
  });
  const entities = [...new Set([...options.entities, ...named])].sort();
  const streams = Object.keys(contracts)
    .filter((path) => path.includes('/'))
    .sort();
  const own = (path: string) => contracts[path] ?? {};
  const defaults: Record<string, string> = {};
  const slas: Sla[] = [];
  const base = new Contracts({}, durationMs);
  for (const path of [...entities, ...Object.keys(contracts).sort()]) {
    const config = own(path);
    for (const [property, age] of Object.entries(ages)) {
      const text = config[age];
      const ms = text === undefined ? null : durationMs(text);
      if (ms !== null) slas.push(slaOf(path, property, ms));
    }
  }
  for (const entity of entities) {
    if (own(entity).maxAge !== undefined) continue;
    const sla = slaOf(entity, 'freshness', base.of({ entity }).maxAgeMs);
    defaults[`${entity} freshness`] = `${sla.value}${sla.unit}`;
    slas.push(sla);
  }
  const unique = new Map(slas.map((sla) => [`${sla.element} ${sla.property}`, sla]));
  return {
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: options.id, name: options.name },
    ...{ version: options.version, status: 'active' },
    schema: [
      ...entities.map((entity) => entityObject(entity, contracts, base)),
      ...streams.map((path) => streamObject(path, own(path))),
    ],
    slaProperties: [...unique.values()],
    customProperties: [{ property: 'headraceDefaults', value: defaults }],
  };
}

function entityObject(entity: EntityName, contracts: ContractConfigs, base: Contracts): JsonObject {
  const { title, description, keyFields, schema } = entityDefinitions[entity];
  const config = contracts[entity] ?? {};
  const required = config.required ?? base.of({ entity }).required;
  const shape = schema.shape as Readonly<Record<string, Parameters<typeof describeField>[0]>>;
  const properties = Object.entries(shape).map(([field, type]): JsonObject => {
    const described = describeField(type);
    const position = keyFields.indexOf(field as never);
    const quality = qualityOf(contracts[`${entity}.${field}`] ?? {});
    return {
      name: field,
      logicalType: logicalTypeOf(described.type),
      physicalType: described.type,
      description: described.description,
      required: required.includes(field),
      ...(position === -1 ? {} : { primaryKey: true, primaryKeyPosition: position + 1 }),
      ...(quality.length === 0 ? {} : { quality }),
    };
  });
  const quality = qualityOf(config);
  return {
    ...{ name: entity, logicalType: 'object', physicalType: 'entity', businessName: title },
    ...{ description, properties },
    ...(quality.length === 0 ? {} : { quality }),
    ...stated(config.required),
  };
}

function streamObject(path: string, config: ContractConfig): JsonObject {
  const quality = qualityOf(config);
  const { required = [], shape = {} } = config;
  // As `requiredFields` has them; what is in a record goes by its paths.
  const fields = Object.entries(shape)
    .filter(([field]) => !required.includes(field))
    .map(([name, field]) => ({ name, logicalType: logicalTypeOfShape(field) }));
  const properties: JsonObject[] = [
    ...required.map((name) => ({ name, required: true })),
    ...fields,
  ];
  const custom = [
    ...(config.required === undefined
      ? []
      : [{ property: 'requiredFields', value: [...required] }]),
    ...(config.shape === undefined
      ? []
      : [{ property: 'recordShape', value: shape as JsonObject }]),
  ];
  return {
    ...{ name: path, logicalType: 'object', physicalType: 'stream' },
    ...(properties.length === 0 ? {} : { properties }),
    ...(quality.length === 0 ? {} : { quality }),
    ...(custom.length === 0 ? {} : { customProperties: custom }),
  };
}

function logicalTypeOfShape(field: FieldShape): string {
  const kind = typeof field === 'string' ? field.replace(/\?$/, '').split('|')[0] : 'string';
  return kind === 'list' ? 'array' : kind === 'null' || kind === undefined ? 'string' : kind;
}

/** That a list was given at all, which flags on fields cannot say of an empty one. */
function stated(required: readonly string[] | undefined): JsonObject {
  if (required === undefined) return {};
  return { customProperties: [{ property: 'requiredFields', value: [...required] }] };
}

function qualityOf({ complete, valid, tolerance }: ContractConfig): JsonObject[] {
  const rules: JsonObject[] = [];
  if (complete !== undefined) {
    rules.push(headraceRule('complete', 'completeness', { complete }));
  }
  if (valid !== undefined) {
    rules.push({
      ...{ type: 'library', metric: 'invalidValues', unit: 'percent', dimension: 'conformity' },
      mustBeLessOrEqualTo: (micro - Math.round(valid * micro)) / 10_000,
    });
  }
  if (tolerance !== undefined) {
    rules.push(headraceRule('tolerance', 'consistency', { tolerance: { ...tolerance } }));
  }
  return rules;
}

function headraceRule(name: string, dimension: string, implementation: JsonObject): JsonObject {
  return { type: 'custom', engine: 'headrace', name, dimension, implementation };
}

function slaOf(element: string, property: string, ms: number): Sla {
  const [value, unit] =
    ms % 86_400_000 === 0
      ? [ms / 86_400_000, 'd']
      : ms % 3_600_000 === 0
        ? [ms / 3_600_000, 'h']
        : ms % 60_000 === 0
          ? [ms / 60_000, 'm']
          : ms % 1000 === 0
            ? [ms / 1000, 's']
            : [ms, 'ms'];
  return { property, value, unit, element, driver: 'operational' };
}

function logicalTypeOf(type: string): string {
  if (type.startsWith('list of ')) return 'array';
  if (/^(instant)/i.test(type)) return 'timestamp';
  if (/^(date|day)/i.test(type)) return 'date';
  if (/^(flag|boolean)/i.test(type)) return 'boolean';
  if (/^(count|integer)/i.test(type)) return 'integer';
  if (/^(money|quantity|localized|object|traits|record)/i.test(type)) return 'object';
  return 'string';
}

/** @throws `E_DATA_CONTRACT` when it is no contract of the standard, or states a limit nobody can read. */
export function importContracts(document: Json): ImportedContracts {
  const root = objectOf(document);
  if (root?.['kind'] !== 'DataContract' || !/^v3\./.test(String(root['apiVersion'] ?? ''))) {
    throw problem(['it has no `kind: DataContract` and no `apiVersion` of version 3']);
  }
  const problems: string[] = [];
  const ignored: string[] = [];
  const found = new Map<
    string,
    { -readonly [Name in keyof ContractConfig]: ContractConfig[Name] }
  >();
  const at = (path: string) => {
    const config = found.get(path) ?? {};
    found.set(path, config);
    return config;
  };
  const custom = listOf(root['customProperties']).map(objectOf);
  const defaults = objectOf(
    custom.find((one) => one?.['property'] === 'headraceDefaults')?.['value'] ?? null,
  );
  for (const sla of listOf(root['slaProperties']).map(objectOf)) {
    const property = String(sla?.['property']);
    const element = String(sla?.['element'] ?? '');
    const age: Age | undefined = (ages as Readonly<Record<string, Age>>)[property];
    if (age === undefined || !isScope(element)) {
      ignored.push(`slaProperties: ${property} of ${element === '' ? 'everything' : element}`);
      continue;
    }
    const text = `${sla?.['value']}${unitOf(String(sla?.['unit'] ?? ''))}`;
    if (!/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) {
      problems.push(`slaProperties: ${property} of ${element} is no duration`);
    } else if (defaults?.[`${element} ${property}`] !== text) at(element)[age] = text;
  }
  for (const object of listOf(root['schema']).map(objectOf)) {
    const name = String(object?.['name'] ?? '');
    if (object === null || !isScope(name)) {
      ignored.push(`schema: ${name}`);
      continue;
    }
    takeRules(object, name, at, ignored);
    takeRequired(object, name, at);
    const shape = listOf(object['customProperties'])
      .map(objectOf)
      .find((one) => one?.['property'] === 'recordShape')?.['value'];
    if (shape !== undefined && name.includes('/')) at(name).shape = shape as RecordShape;
    for (const property of listOf(object['properties']).map(objectOf)) {
      if (property === null || name.includes('/')) continue;
      takeRules(property, `${name}.${String(property['name'])}`, at, ignored);
    }
  }
  if (problems.length > 0) throw problem(problems);
  const filled = [...found].filter(([, config]) => Object.keys(config).length > 0);
  return { contracts: Object.fromEntries(filled), ignored };
}

function takeRules(
  object: JsonObject,
  path: string,
  at: (path: string) => { complete?: number; valid?: number; tolerance?: object },
  ignored: string[],
): void {
  for (const rule of listOf(object['quality']).map(objectOf)) {
    const own = rule?.['engine'] === 'headrace' ? objectOf(rule['implementation'] ?? null) : null;
    const most = rule?.['mustBeLessOrEqualTo'];
    const isShare = rule?.['metric'] === 'invalidValues' && rule['unit'] === 'percent';
    if (typeof own?.['complete'] === 'number') at(path).complete = own['complete'];
    else if (objectOf(own?.['tolerance'] ?? null) !== null) {
      at(path).tolerance = own?.['tolerance'] as object;
    } else if (isShare && typeof most === 'number') {
      at(path).valid = (micro - Math.round(most * 10_000)) / micro;
    } else
      ignored.push(
        `quality of ${path}: ${String(rule?.['name'] ?? rule?.['metric'] ?? rule?.['type'])}`,
      );
  }
}

function takeRequired(
  object: JsonObject,
  path: string,
  at: (path: string) => { required?: readonly string[] },
): void {
  const flagged = listOf(object['properties'])
    .map(objectOf)
    .filter((property) => property?.['required'] === true)
    .map((property) => String(property?.['name']));
  const custom = listOf(object['customProperties']).map(objectOf);
  const given = custom.find((one) => one?.['property'] === 'requiredFields')?.['value'];
  const listed = given === undefined ? null : listOf(given).map(String);
  if (listed !== null && isSameSet(listed, flagged)) at(path).required = listed;
  else {
    const usual = isEntityName(path) ? noContracts.of({ entity: path }).required : [];
    if (!isSameSet(flagged, usual)) at(path).required = flagged;
  }
}

const noContracts = new Contracts({}, () => null);

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return new Set([...a, ...b]).size === new Set(a).size && new Set(a).size === new Set(b).size;
}

/** Something a contract of ours can be about. */
function isScope(path: string): boolean {
  if (path.includes('/')) return path.split('/').length === 2;
  return isEntityName(path.split('.')[0] ?? '');
}

function unitOf(unit: string): string {
  const plain = unit.toLowerCase();
  if (/^(d|day|days)$/.test(plain)) return 'd';
  if (/^(h|hr|hour|hours)$/.test(plain)) return 'h';
  if (/^(m|min|minute|minutes)$/.test(plain)) return 'm';
  if (/^(s|sec|second|seconds)$/.test(plain)) return 's';
  return plain;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function objectOf(value: Json): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

function problem(problems: readonly string[]): HeadraceError {
  return new HeadraceError('config', `The data contract cannot be used: ${problems.join('; ')}.`, {
    code: 'E_DATA_CONTRACT',
    hint: 'Give a document of the Open Data Contract Standard 3.1 as JSON.',
  });
}
