/** `headrace trace feature/VIEW/KEY`: which source records the values of a key stand on. */
import { vectorTraceAnswer } from '../../api/index.js';
import {
  type StatementSource,
  type VectorName,
  type VectorTrace,
  vectorGrounds,
  vectorTraceOf,
} from '../../lineage/index.js';
import { dataFolder } from '../folders.js';
import { openFeatures } from '../open-features.js';
import { countText, durationText, tableText } from './human.js';
import type { Terminal } from './terminal.js';
import { type CommonOptions, type ExitCode, instantOf, wholeNumber } from './verb.js';
import { writeProofs } from './write-proofs.js';

export interface VectorTraceOptions extends CommonOptions {
  readonly bundle?: string;
  readonly asOf?: string;
  readonly known?: string;
}

/** Facts of each view that are shown; a bundle has them all. */
const factsShown = 50;

export async function traceVector(
  options: VectorTraceOptions,
  terminal: Terminal,
  { name, key }: VectorName,
): Promise<ExitCode> {
  const opened = await openFeatures(options);
  try {
    const { features, store } = opened;
    const { bundle, asOf } = options;
    const t = asOf === undefined ? opened.now() : instantOf(asOf, '--as-of');
    const k = wholeNumber(options.known, store.journalEnd(), '--known');
    const known = asOf !== undefined && options.known === undefined ? { by: t } : { k };
    const limit = bundle === undefined ? factsShown : Number.MAX_SAFE_INTEGER;
    const definitions = features.select([name]);
    const trace = vectorTraceOf(store, features, definitions, { key, t, known, limit });
    if (bundle !== undefined) {
      const entries = writeProofs(dataFolder(options), store, vectorGrounds(trace), bundle);
      terminal.answer({ id: trace.id, bundle, entries });
      terminal.print(`${countText(entries)} entries with their proofs are in ${bundle}.`);
      terminal.print('Whoever has the public key of the log can check it: verify --bundle.');
      return 0;
    }
    terminal.answer(vectorTraceAnswer(trace));
    terminal.print(vectorText(trace));
    return 0;
  } finally {
    opened.close();
  }
}

function vectorText({ vector, views, sources }: VectorTrace): string {
  const { t, k, v } = vector.evidence;
  const values = Object.entries(vector.values).map(([name, { value, status, ageMs }]) => [
    ...[name, JSON.stringify(value), status],
    ageMs === null ? '' : durationText(ageMs),
  ]);
  const lines = [
    tableText(['value', '', 'status', 'age'], values),
    '',
    `t ${new Date(t).toISOString()}, k ${k ?? 'by the clock of each entry'}, definitions ${v}`,
    '',
  ];
  for (const { view, count, retracted, hidden, digest, facts } of views) {
    const more = count > facts.length ? `, the newest ${countText(facts.length)} are named` : '';
    lines.push(
      `── ${view}: ${countText(count)} facts${more}; ${countText(retracted)} lines taken back, ` +
        `${countText(hidden)} not known yet; digest ${digest.slice(0, 16)}`,
    );
  }
  return [...lines, '', sourcesText(sources)].join('\n');
}

export function sourcesText(sources: readonly StatementSource[]): string {
  const rows = sources.map((one) => [
    `entry ${one.journal}`,
    `${one.source}/${one.stream}/${one.key}`,
    one.version ?? '',
    one.eventAt ?? '',
    one.knownAt,
    durationText(one.ageMs),
  ]);
  return tableText(['entry', 'record', 'version', 'true at', 'known at', 'age'], rows);
}
