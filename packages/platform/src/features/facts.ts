/**
 * The way back from values to what they stand on: which lines of the log counted at (T, K), by the
 * offset of the entry that wrote each. Found by reading the log again, as the value was; nothing about
 * it is stored. A digest over all lines looked at tells whether two answers stood on the same.
 */
import { createHash } from 'node:crypto';
import type { FeatureDefinition, FeatureView } from './definition.js';
import { isKnownAt, type Line, type Question, spansOf } from './evaluate.js';
import { imports, retracts } from './feature-fold.js';
import type { FeatureReader } from './feature-reader.js';

/** A contribution that counts. */
export interface Fact {
  /** Offset of the entry that made it count. */
  readonly journal: number;
  /** Where it lies in the windows, ms. */
  readonly at: number;
  /** When it became true, ms. */
  readonly eventAt: number;
  readonly knownAt: number;
  /** Of imported history: when it was known is imputed. */
  readonly isImported: boolean;
}

export interface ViewFacts {
  readonly view: string;
  /** Keys that were one thing with the one asked for; itself first. */
  readonly keys: readonly string[];
  /** Dates each value looks at: from the first ms, until before the second. */
  readonly spans: Readonly<Record<string, readonly [number, number]>>;
  /** Contributions that count in the longest window. */
  readonly count: number;
  /** Lines that were taken back again and so do not count. */
  readonly retracted: number;
  /** Lines that are there and were not known yet. */
  readonly hidden: number;
  /** Over all lines that were known, hex. */
  readonly digest: string;
  /** The newest first, at most as many as were asked for. */
  readonly facts: readonly Fact[];
}

export interface FactsOptions {
  /** Most facts of a view. */
  readonly limit: number;
  /** Hands in lines that were read for the values already. */
  readonly load?: FeatureReader['load'];
}

/** Of each view among the definitions, and of the views that derived values are made of. */
export function factsOf(
  reader: FeatureReader,
  definitions: readonly FeatureDefinition[],
  key: string,
  question: Question,
  { limit, load = reader.load }: FactsOptions,
): readonly ViewFacts[] {
  const views = definitions.flatMap((one) => (one.kind === 'view' ? [one] : one.views));
  return [...new Set(views)].map((view) => viewFacts(reader, view, key, question, limit, load));
}

function viewFacts(
  reader: FeatureReader,
  view: FeatureView,
  key: string,
  question: Question,
  limit: number,
  load: FeatureReader['load'],
): ViewFacts {
  const { t, known } = question;
  const spans = spansOf(view, t, reader.zoneOf(view, key));
  const keys = reader.lines.cluster(view, key, known);
  const from = Math.min(...Object.values(spans).map(([first]) => first));
  const until = Math.max(...Object.values(spans).map(([, last]) => last));
  const { lines } = load(view, key, question);
  const inside = lines.filter(({ at, eventAt }) => at >= from && at < until && eventAt <= t);
  const seen = inside.filter((line) => isKnownAt(line, known, view.importLagMs));
  const standing = standingOf(seen);
  return {
    ...{ view: view.name, keys, spans },
    count: standing.length,
    retracted: seen.length - standing.length,
    hidden: inside.length - seen.length,
    digest: digestOf(seen),
    facts: standing
      .slice(-limit)
      .reverse()
      .map(({ seq, at, eventAt, knownAt, kind }) => ({
        ...{ journal: seq, at, eventAt, knownAt },
        isImported: (kind & imports) !== 0,
      })),
  };
}

/** What was not taken back; of equal ones the later ones stand. */
function standingOf(seen: readonly Line[]): readonly Line[] {
  const nameOf = ({ at, eventAt, value }: Line) => `${at} ${eventAt} ${value}`;
  const left = new Map<string, number>();
  for (const line of seen) {
    const by = (line.kind & retracts) === 0 ? 1 : -1;
    left.set(nameOf(line), (left.get(nameOf(line)) ?? 0) + by);
  }
  const standing: Line[] = [];
  for (let index = seen.length - 1; index >= 0; index -= 1) {
    const line = seen[index] as Line;
    const count = left.get(nameOf(line)) ?? 0;
    if ((line.kind & retracts) !== 0 || count <= 0) continue;
    left.set(nameOf(line), count - 1);
    standing.push(line);
  }
  return standing.reverse();
}

function digestOf(seen: readonly Line[]): string {
  const hash = createHash('sha256');
  for (const { at, seq, kind, eventAt, value } of seen) {
    hash.update(`${at} ${seq} ${kind} ${eventAt} ${value}\n`);
  }
  return hash.digest('hex');
}
