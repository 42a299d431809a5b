/** Trials of a flow as a person reads them in a terminal. */
import type { Json } from '@headrace/sdk';
import { placeText, type Trial, type TrialFault, type TrialVerdict } from '../../flows/index.js';
import type { FlowTrials } from '../try-flow.js';
import { sideBySide, tableText } from './human.js';

export function trialsText(answer: FlowTrials, width: number): string {
  const { groups, faults } = answer;
  const parts = [...faults.map(faultText), ...groups.map((trial) => trialText(trial, width))];
  const count = faults.length + groups.flatMap((trial) => trial.faults).length;
  const said = count === 0 ? 'no errors' : `${count} ${count === 1 ? 'error' : 'errors'}`;
  parts.push(`${groups.length} ${groups.length === 1 ? 'group' : 'groups'}, ${said}`);
  return parts.join('\n');
}

function trialText(trial: Trial, width: number): string {
  const { group, gives, faults } = trial;
  const left = trial.records.map(recordText).join('\n') || '(no records)';
  const right =
    gives === null
      ? '(gives nothing)'
      : `${gives.key ?? '(no key)'}\n${linesOf(gives.fields, faults)}`;
  const elsewhere = faults.filter(({ at, path }) => at !== 'fields' || path === null);
  return [
    `── ${group}`,
    sideBySide(left, right),
    ...trial.lookups.map(
      ({ table, key, value, isMissing }) =>
        `lookup ${table}(${key}) → ${isMissing ? 'no such row' : JSON.stringify(value)}`,
    ),
    ...differencesText(trial, width),
    ...elsewhere.map(faultText),
    verdictText(trial.verdict),
    ...(trial.live === null ? [] : [`if live: ${verdictText(trial.live)}`]),
    '',
  ].join('\n');
}

function recordText({ entity, key, fields, isOwn, sources }: Trial['records'][number]): string {
  const from = isOwn ? `${sources.join(', ')}, the target` : sources.join(', ');
  return `${entity} ${key} (${from})\n${linesOf(fields, [])}`;
}

/** One line a value, each fault below the value it is about. */
function linesOf(value: unknown, faults: readonly TrialFault[], path = '', indent = '  '): string {
  const rows = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const lines = rows.map(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const isDeep = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
    const own = faultsAt(faults, at, indent);
    if (!isDeep) return [`${indent}${name}: ${JSON.stringify(inner as Json)}`, ...own].join('\n');
    return [`${indent}${name}:`, ...own, linesOf(inner, faults, at, `${indent}  `)].join('\n');
  });
  // A field that is missing has no line of its own to stand below.
  const missing = faults.filter(
    (one) => parentOf(one.path) === path && !rows.some(([name]) => lastOf(one.path) === name),
  );
  return [...lines, ...missing.map((one) => `${indent}✗ ${lastOf(one.path)}: ${one.message}`)].join(
    '\n',
  );
}

function faultsAt(faults: readonly TrialFault[], path: string, indent: string): string[] {
  return faults.filter((one) => one.path === path).map((one) => `${indent}✗ ${one.message}`);
}

function parentOf(path: string | null): string | null {
  return path === null ? null : path.split('.').slice(0, -1).join('.');
}

function lastOf(path: string | null): string {
  return path?.split('.').at(-1) ?? '';
}

function differencesText({ differences, target, isRead }: Trial, width: number): string[] {
  if (!isRead || differences.length === 0) return [];
  const rows = differences.map(({ field, before, after, isForeign, isContested }) => [
    field,
    target === null ? '(no such record)' : JSON.stringify(before),
    JSON.stringify(after) +
      (isForeign === true ? '  (owned elsewhere)' : isContested === true ? '  (contested)' : ''),
  ]);
  return [tableText(['field', 'target now', 'wanted'], rows, { width })];
}

function verdictText({ does, why, text }: TrialVerdict): string {
  return `→ ${does}${why === null ? '' : ` (${why})`}: ${text}`;
}

function faultText({ code, message, path, place }: TrialFault): string {
  const at = [path, place === null ? null : placeText(place)].filter((part) => part !== null);
  return `✗ ${code}${at.length === 0 ? '' : ` at ${at.join(', ')}`}: ${message}`;
}
