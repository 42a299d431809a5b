/** Puts what a source was found to have into a project's `maps/`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiscoveredField, DiscoveredSetting } from '@headrace/sdk';
import { fieldTypesText, ownFieldsText } from './field-types.js';
import { writeSettings } from './write-settings.js';

export interface WrittenFile {
  /** From the project's folder. */
  readonly file: string;
  /** It was there already and is the user's own. */
  readonly kept: boolean;
  /** Settings written into it, by their paths. */
  readonly settings?: readonly string[];
  /** Settings no place was found for. */
  readonly left?: readonly DiscoveredSetting[];
}

/** `maps/SOURCE.fields.ts`: types, written anew each time. */
export function writeFieldTypes(
  folder: string,
  source: string,
  fields: readonly DiscoveredField[],
): WrittenFile {
  mkdirSync(join(folder, 'maps'), { recursive: true });
  const file = `maps/${source}.fields.ts`;
  writeFileSync(join(folder, file), fieldTypesText(source, fields));
  return { file, kept: false };
}

/** `maps/SOURCE.own.ts`: for connectors that propose no settings; written once. */
export function writeOwnFields(
  folder: string,
  source: string,
  fields: readonly DiscoveredField[],
): WrittenFile {
  const file = `maps/${source}.own.ts`;
  const kept = existsSync(join(folder, file));
  if (!kept) writeFileSync(join(folder, file), ownFieldsText(source, fields));
  return { file, kept };
}

/**
 * The settings of a source: `maps/SOURCE.ts`, or `maps/CONNECTOR.ts` as `init` writes it. Null where
 * the project has neither.
 */
export function writeFoundSettings(
  folder: string,
  names: { readonly source: string; readonly connector: string },
  found: readonly DiscoveredSetting[],
): WrittenFile | null {
  const file = [`maps/${names.source}.ts`, `maps/${names.connector}.ts`].find((one) =>
    existsSync(join(folder, one)),
  );
  if (file === undefined) return null;
  const before = readFileSync(join(folder, file), 'utf8');
  const { text, added, replaced, left } = writeSettings(before, found);
  if (text !== before) writeFileSync(join(folder, file), text);
  return { file, kept: text === before, settings: [...added, ...replaced], left };
}
