/**
 * The customer's own model as TypeScript, from what `connect discover` found: field names become
 * types, so that a mapping that names a field wrongly, or one that is gone, does not compile.
 */
import type { DiscoveredField } from '@headrace/sdk';

/** `maps/SOURCE.fields.ts`: written anew each time. */
export function fieldTypesText(source: string, fields: readonly DiscoveredField[]): string {
  const streams = [...groupByStream(fields)].map(
    ([stream, own]) => `  ${quoted(stream)}: {\n${own.map(fieldText).join('')}  };\n`,
  );
  return `/**
 * The fields of ${source}, by stream, as \`headrace connect discover ${source} --write\` found them.
 * Written anew by each run of it: change nothing here.
 */
export interface Fields {
${streams.join('')}}

/** A field of a stream by its path, as the settings of the source take it. */
export type Field<Stream extends keyof Fields = keyof Fields> = {
  [Name in Stream]: keyof Fields[Name] & string;
}[Stream];
`;
}

/** `maps/SOURCE.own.ts`: written once, and then the customer's. */
export function ownFieldsText(source: string, fields: readonly DiscoveredField[]): string {
  const own = [...groupByStream(fields.filter(({ isOwn }) => isOwn === true))];
  const streams = own.map(([stream, list]) => {
    const lines = list.map(({ path, label }) => {
      const note = label === null ? '' : `  // ${oneLine(label)}`;
      return `    // ${quoted(`traits.${source}.${traitName(path)}`)}: ${quoted(path)},${note}\n`;
    });
    return `  ${quoted(stream)}: {\n${lines.join('')}  },\n`;
  });
  return `import type { Field, Fields } from './${source}.fields.js';

/**
 * Fields you added to ${source}: where they go → where they are. Take the comment off those you want and
 * hand them to the source in \`headrace.config.ts\`. A name that ${source} does not have is an error in the
 * editor. Nothing personal belongs here.
 */
export const own: { readonly [Name in keyof Fields]?: Readonly<Record<string, Field<Name>>> } = {
${streams.join('')}};
`;
}

function groupByStream(fields: readonly DiscoveredField[]): Map<string, DiscoveredField[]> {
  const groups = new Map<string, DiscoveredField[]>();
  for (const field of fields) {
    const group = groups.get(field.stream);
    if (group === undefined) groups.set(field.stream, [field]);
    else if (!group.some(({ path }) => path === field.path)) group.push(field);
  }
  return groups;
}

function fieldText({ path, type, label }: DiscoveredField): string {
  const words = label === null ? oneLine(type) : `${oneLine(label)}: ${oneLine(type)}`;
  return `    /** ${words} */\n    ${quoted(path)}: ${typeOf(type)};\n`;
}

/** As JSON carries it; numbers of many systems come as text, to keep their digits. */
function typeOf(type: string): string {
  if (/^(edm\.)?bool(ean)?\b/i.test(type)) return 'boolean';
  if (/^(edm\.)?(u?int|byte|decimal|double|single|float|number|money)/i.test(type)) {
    return 'number | string';
  }
  return 'string';
}

/** The last name of a path, without the marks systems put on added fields. */
function traitName(path: string): string {
  const name = path.split('.').at(-1) ?? path;
  const bare = name.replace(/^(YY1_|ZZ\d?_?|custom_)/i, '').replace(/_[A-Z]{3}$/, '');
  const words = bare.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const [first = 'field', ...rest] = words.map(
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
  const lowerFirst = first.charAt(0).toLowerCase() + first.slice(1);
  return /^[a-z]/.test(lowerFirst) ? lowerFirst + rest.join('') : `field${first}${rest.join('')}`;
}

function quoted(text: string): string {
  if (/^[A-Za-z_$][\w$]*$/.test(text)) return text;
  return `'${text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replace(/[\n\r]/g, ' ')}'`;
}

/** Labels are the system's text: nothing in them may end a comment or a line. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim();
}
