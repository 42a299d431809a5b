/**
 * The gate of a use case: its inputs as they are now, judged once, and the few keys of which a value is
 * suspect judged by themselves; the others are served though one of them is in doubt.
 */
import {
  defaultPolicy,
  type GateInput,
  type InputScore,
  inputScore,
  judge,
  streamOfRecord,
  suspectsIn,
  type Verdict,
  type WatchedStream,
} from '../quality/index.js';
import type { StoreReader } from '../storage/index.js';
import type { JudgedBody } from './prediction.js';

/** Version of the policy in force, part of V. */
export const policyVersion = defaultPolicy.version;

export interface Gated {
  readonly inputs: readonly InputScore[];
  readonly verdict: Verdict;
}

/** @param all Scores of every input that is watched. */
export function gateOf(all: readonly InputScore[], needed: readonly WatchedStream[]): Gated {
  const names = new Set(needed.map(nameOf));
  const inputs = all.filter(({ input }) => names.has(input));
  return { inputs, verdict: judge(inputs.map(required), { hasFallback: true }) };
}

/** A value that jumped as if its unit had changed, of something a key stands on. */
export interface Doubt {
  readonly input: string;
  readonly why: string;
  readonly record: string;
}

/** Suspect stock of the given inputs, by variant. Suspects are few. */
export function doubtsIn(
  reader: Pick<StoreReader, 'row' | 'memberPage'>,
  needed: readonly WatchedStream[],
  now: number,
): ReadonlyMap<string, Doubt> {
  const names = new Set(needed.map(nameOf));
  const doubts = new Map<string, Doubt>();
  const stocks = [...names].flatMap((name) => [...suspectsIn(reader, name, now, 'stock')]);
  for (const { field, from, to, kind, record, key } of stocks) {
    const input = streamOfRecord(record);
    const why = `${field} of ${key} jumped from ${from} to ${to}, as if its ${kind} had changed.`;
    // The key of stock begins with the variant; keys of features escape a little less.
    const sku = encodeURIComponent(decodeURIComponent(key.split('/')[0] as string));
    doubts.set(sku, { input, why, record });
  }
  return doubts;
}

/** The verdict on one key of which something is in doubt. */
export function verdictInDoubt({ inputs }: Gated, doubt: Doubt): Verdict {
  const judged = inputs.map((input) => {
    if (input.input !== doubt.input) return required(input);
    const { score: _score, worst: _worst, components, ...rest } = input;
    const suspect = {
      ...{ component: 'validity' as const, score: 0, why: doubt.why, evidence: [doubt.record] },
    };
    return required(
      inputScore({
        ...rest,
        components: components.map((one) => (one.component === 'validity' ? suspect : one)),
      }),
    );
  });
  return judge(judged, { hasFallback: true });
}

/** When it turned: of an input that is too old, when its limit was over. */
export function turnedAt({ inputs, verdict }: Gated, now: number): number {
  const worst = inputs.find(({ input }) => input === verdict.worstInput?.input);
  const isTooOld = verdict.gate === 'hold' && verdict.worstInput?.component === 'freshness';
  if (!isTooOld || worst === undefined || worst.ageMs === null) return now;
  return Math.round(Math.min(now, now - (worst.ageMs - worst.maxAgeMs)));
}

/**
 * Whether what was journaled of the gate is what it says now. Which input is worst is news only while it
 * holds: below that it may change with every second.
 */
export function isSameTurn(
  kept: Pick<JudgedBody, 'gate' | 'worstInput'> | null,
  { gate, worstInput }: Verdict,
): boolean {
  if (kept === null || kept.gate !== gate) return false;
  if (gate !== 'hold') return true;
  return (
    kept.worstInput?.input === worstInput?.input &&
    kept.worstInput?.component === worstInput?.component
  );
}

function required(score: InputScore): GateInput {
  return { score, isRequired: true };
}

function nameOf({ source, stream }: WatchedStream): string {
  return `${source}/${stream}`;
}
