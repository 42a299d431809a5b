/** Puts the written model of a source into a project's `maps/`. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiscoveredField } from '@headrace/sdk';
import { fieldTypesText, ownFieldsText } from './field-types.js';

export interface WrittenFile {
  /** From the project's folder. */
  readonly file: string;
  /** It was there already and is the user's own. */
  readonly kept: boolean;
}

export function writeFields(
  folder: string,
  source: string,
  fields: readonly DiscoveredField[],
): WrittenFile[] {
  mkdirSync(join(folder, 'maps'), { recursive: true });
  const types = `maps/${source}.fields.ts`;
  writeFileSync(join(folder, types), fieldTypesText(source, fields));
  const own = `maps/${source}.own.ts`;
  const kept = existsSync(join(folder, own));
  if (!kept) writeFileSync(join(folder, own), ownFieldsText(source, fields));
  return [
    { file: types, kept: false },
    { file: own, kept },
  ];
}
