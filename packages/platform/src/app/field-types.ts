/**
 * The customer's own model as TypeScript, from what `connect discover` found: field names become
 * types, so that a mapping that names a field wrongly, or one that is gone, does not compile.
 */
import { type DiscoveredField, traitName } from '@headrace/sdk';
import { memberName, oneLine, quoted } from './source-text.js';

/** `maps/SOURCE.fields.ts`: written anew each time. Before the first, any name is a field. */
export function fieldTypesText(source: string, fields: readonly DiscoveredField[]): string {
  if (fields.length === 0) {
    return `/**
 * The fields of ${source}: \`headrace connect discover ${source} --write\` writes them here, and a name that
 * ${source} does not have is an error in the editor from then on. Change nothing here.
 */
export type Field = string;
`;
  }
  const streams = [...groupByStream(fields)].map(
    ([stream, own]) => `  ${memberName(stream)}: {\n${own.map(fieldText).join('')}  };\n`,
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
      return `    // ${memberName(`traits.${source}.${traitName(path)}`)}: ${quoted(path)},${note}\n`;
    });
    return `  ${memberName(stream)}: {\n${lines.join('')}  },\n`;
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
  return `    /** ${words} */\n    ${memberName(path)}: ${typeOf(type)};\n`;
}

/** As JSON carries it; numbers of many systems come as text, to keep their digits. */
function typeOf(type: string): string {
  if (/^(edm\.)?bool(ean)?\b/i.test(type)) return 'boolean';
  if (/^(edm\.)?(u?int|byte|decimal|double|single|float|number|money)/i.test(type)) {
    return 'number | string';
  }
  return 'string';
}
