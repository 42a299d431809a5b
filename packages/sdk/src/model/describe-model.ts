import { z } from 'zod';
import type { Aggregate } from './definition.js';
import type { EntityName } from './registry.js';
import { entityDefinitions, entityNames } from './registry.js';

interface Described {
  readonly type: string;
  readonly description: string;
  readonly isRequired: boolean;
}

/**
 * The reference of the canonical model in Markdown, generated from the schemas: same model, same
 * bytes. A test compares it with the page in `docs/reference`.
 */
export function describeModel(): string {
  const lines = [
    '# Canonical model',
    '',
    'Absent means not told; null means the source says it is empty; both differ from 0. Fields of',
    'the key are marked ●, with ○ where they may be absent (`-` in the key text).',
    '',
    '| Entity | Key | Found under |',
    '|---|---|---|',
  ];
  for (const name of entityNames) {
    const { title, keyFields, aggregate } = entityDefinitions[name];
    lines.push(
      `| [${title}](#${slug(title)}) | ${keyFields.join(', ')} | ${found(name, aggregate)} |`,
    );
  }
  for (const name of entityNames) lines.push('', ...describeEntity(name));
  return `${lines.join('\n')}\n`;
}

function describeEntity(name: EntityName): string[] {
  const { title, description, keyFields, schema } = entityDefinitions[name];
  const lines = [
    `## ${title}`,
    '',
    `\`${name}\`. ${description}`,
    '',
    '| Field | Key | Type | What it says |',
    '|---|---|---|---|',
  ];
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  for (const [field, fieldSchema] of Object.entries(shape)) {
    const described = describeField(fieldSchema);
    const mark = keyFields.includes(field) ? (described.isRequired ? '●' : '○') : '';
    const cells = [`\`${field}\``, mark, described.type, described.description];
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  }
  return lines;
}

/** How a field reads in the documentation: its type by name, what it says, whether it must be. */
export function describeField(schema: z.ZodType): Described {
  return {
    type: typeName(schema),
    description: schema.description ?? '',
    isRequired: !schema.safeParse(undefined).success,
  };
}

function typeName(schema: z.ZodType): string {
  const named = z.globalRegistry.get(schema)?.type;
  if (typeof named === 'string') return named;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return typeName(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodArray) return `list of ${typeName(schema.element as z.ZodType)}`;
  if (schema instanceof z.ZodEnum) {
    return schema.options.map((option) => `\`${option}\``).join(' · ');
  }
  return schema.def.type;
}

function found(name: EntityName, aggregate: Aggregate | undefined): string {
  if (aggregate === undefined) return `\`${name}/…\``;
  return `\`${[aggregate.name, ...aggregate.keyFields.map((field) => `<${field}>`)].join('/')}\``;
}

function slug(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
