/**
 * Puts what a system was found to have into the settings a project keeps under `maps/`. The file is
 * the user's: lines are added or a value is exchanged, nothing else of the text is touched, and what
 * stands there already, in a comment too, stays as it is. Pure.
 *
 *   export const model = {      the root
 *     plants: {                 a block for each name of a path but the last
 *       NL01: 'NL01', // plant  an entry
 *     },
 *   }
 *
 * A block begins with a line that ends in `{` and ends with the first line that closes at its depth:
 * as formatters write it. Where the text is laid out otherwise, nothing is written and the entry is
 * told.
 */
import type { DiscoveredSetting } from '@headrace/sdk';
import { memberName, oneLine, quoted } from './source-text.js';

export interface SettingsText {
  readonly text: string;
  /** `plants.NL01` */
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  /** No place was found for these. */
  readonly left: readonly DiscoveredSetting[];
}

export function writeSettings(text: string, found: readonly DiscoveredSetting[]): SettingsText {
  let lines: readonly string[] = text.split('\n');
  const added: string[] = [];
  const replaced: string[] = [];
  const left: DiscoveredSetting[] = [];
  for (const setting of found) {
    const edit = edited(lines, setting);
    if (edit === null) left.push(setting);
    else {
      lines = edit.lines;
      if (edit.did === 'added') added.push(setting.path.join('.'));
      if (edit.did === 'replaced') replaced.push(setting.path.join('.'));
    }
  }
  return { text: lines.join('\n'), added, replaced, left };
}

/** Lines from the one that opens it to the one that closes it. */
interface Block {
  readonly first: number;
  readonly last: number;
}

interface Edit {
  readonly lines: readonly string[];
  readonly did: 'added' | 'replaced' | 'nothing';
}

function edited(lines: readonly string[], setting: DiscoveredSetting): Edit | null {
  const first = lines.findIndex((line) => /^export const model\b[^=]*= \{$/.test(line));
  const root = first < 0 ? null : blockAt(lines, first);
  if (root === null) return null;
  const names = setting.path.slice(0, -1);
  let block = root;
  for (const [depth, name] of names.entries()) {
    const at = entryAt(lines, block, name);
    const line = at === null ? '' : (lines[at] ?? '');
    // Nothing named so: the whole of it is new.
    if (at === null) return { lines: insert(lines, block, setting, depth), did: 'added' };
    if (/\{\},?$/.test(line)) {
      const open = lines.toSpliced(at, 1, line.replace(/\},?$/, ''), `${indentOf(line)}},`);
      return { lines: insert(open, { first: at, last: at + 1 }, setting, depth + 1), did: 'added' };
    }
    const inner = line.endsWith('{') && !isComment(line) ? blockAt(lines, at) : null;
    if (inner === null) return null;
    block = inner;
  }
  const at = entryAt(lines, block, setting.path.at(-1) ?? '');
  if (at === null) return { lines: insert(lines, block, setting, names.length), did: 'added' };
  const line = lines[at] ?? '';
  const literal = /^(\s*[^/\s].*?: )(?:'[^']*'|"[^"]*")(,.*|)$/.exec(line);
  if (setting.as !== 'replace' || literal === null) return { lines, did: 'nothing' };
  const [, before = '', after = ''] = literal;
  const value = quoted(setting.value);
  return { lines: lines.toSpliced(at, 1, before + value + after), did: 'replaced' };
}

function blockAt(lines: readonly string[], first: number): Block | null {
  const indent = indentOf(lines[first] ?? '');
  const last = lines.findIndex((line, at) => at > first && line.startsWith(`${indent}}`));
  return last < 0 ? null : { first, last };
}

/** The line of a name directly in a block, or of one a comment holds. */
function entryAt(lines: readonly string[], { first, last }: Block, name: string): number | null {
  const depth = indentOf(lines[first] ?? '').length;
  const forms = [memberName(name), quoted(name), JSON.stringify(name)].map(escaped).join('|');
  const pattern = new RegExp(`^\\s*(?://\\s*)?(?:${forms})\\s*:`);
  let inner: number | null = null;
  for (let at = first + 1; at < last; at += 1) {
    const line = lines[at] ?? '';
    const own = indentOf(line).length;
    inner ??= own;
    if (own <= depth || own > inner) continue;
    if (pattern.test(line)) return at;
  }
  return null;
}

/** The names from `depth` on, as new lines at the end of a block. */
function insert(
  lines: readonly string[],
  { first, last }: Block,
  { path, value, label, as }: DiscoveredSetting,
  depth: number,
): readonly string[] {
  const outer = indentOf(lines[first] ?? '');
  const names = path.slice(depth, -1);
  const indent = (level: number) => `${outer}${'  '.repeat(level + 1)}`;
  const note = label === null ? '' : ` // ${oneLine(label)}`;
  const entry = `${memberName(path.at(-1) ?? '')}: ${quoted(value)},${note}`;
  const rows = [
    ...names.map((name, level) => `${indent(level)}${memberName(name)}: {`),
    `${indent(names.length)}${as === 'ask' ? '// ' : ''}${entry}`,
    ...names.map((_, level) => `${indent(names.length - 1 - level)}},`),
  ];
  return lines.toSpliced(last, 0, ...rows);
}

function indentOf(line: string): string {
  return /^\s*/.exec(line)?.[0] ?? '';
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('//');
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
