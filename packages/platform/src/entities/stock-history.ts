/**
 * What lay on a shelf at any time, for systems that know only what lies there now: from a reading,
 * backwards by the movements that were posted.
 *
 * A reading is no instant. It lasts from when it was asked for until the answer came, and whether a
 * movement posted meanwhile is in its number cannot be told; so such a reading proves nothing and is
 * left out. Of the others, two that follow each other must differ by the movements between them:
 *
 *   before the first   rebuilt         reading less what was posted until it
 *   between two        confirmed       the difference is explained by movements
 *                      contradicted    it is not; the later reading counts, the rest is `unexplained`
 *   after the last     rolled-forward  reading and what was posted since
 *
 * Movements are read by themselves, so a reading may already show what no movement known yet explains.
 * It is judged once all movements are known that were posted until its answer came (`knownUntil`).
 * Until then it is taken as it is, and said to be rolled forward; nothing is rebuilt from it.
 *
 * Before the oldest known movement nothing is said. Times are ms, quantities millionths.
 */

export interface StockReading {
  readonly readAt: number;
  readonly receivedAt: number;
  readonly onHandMicros: bigint;
}

export interface StockPosting {
  readonly postedAt: number;
  /** With its sign. */
  readonly quantityMicros: bigint;
}

export type StockConfidence = 'confirmed' | 'contradicted' | 'rebuilt' | 'rolled-forward';

/** The level from `from` until before `to`; open at the end when `to` is null. */
export interface StockSpan {
  readonly from: number;
  readonly to: number | null;
  readonly onHandMicros: bigint;
  readonly confidence: StockConfidence;
}

export interface StockHistory {
  readonly spans: readonly StockSpan[];
  /** Readings that prove a level. */
  readonly readings: number;
  /** Readings left out because something was posted while they lasted. */
  readonly unclear: number;
  /** Readings that may show movements not read yet. */
  readonly unjudged: number;
  /** What no movement explains, summed without sign over all contradicted spans. */
  readonly unexplainedMicros: bigint;
}

export interface StockKnowledge {
  /**
   * How far the two clocks may differ, together with the grain of the posting times: a system that
   * writes whole seconds needs a second of it.
   */
  readonly slackMs: number;
  /** All that was posted until then is among the postings; null while that is true of no time. */
  readonly knownUntil: number | null;
}

export function rebuildStock(
  given: readonly StockReading[],
  postings: readonly StockPosting[],
  { slackMs, knownUntil }: StockKnowledge,
): StockHistory {
  const moves = [...postings].sort((left, right) => left.postedAt - right.postedAt);
  const readings = given
    .filter((reading) => isClear(reading, moves, slackMs))
    .sort((left, right) => left.readAt - right.readAt);
  const first = readings[0];
  const unclear = given.length - readings.length;
  const isJudged = ({ receivedAt }: StockReading) =>
    knownUntil !== null && receivedAt <= knownUntil;
  const unjudged = readings.filter((reading) => !isJudged(reading)).length;
  if (first === undefined) {
    return { spans: [], readings: 0, unclear, unjudged, unexplainedMicros: 0n };
  }

  const spans: StockSpan[] = [];
  let unexplainedMicros = 0n;
  let next = 0;
  /** Movements up to `until`, as far as they were not taken yet. */
  const take = (until: number): StockPosting[] => {
    const from = next;
    while (next < moves.length && (moves[next] as StockPosting).postedAt <= until) next += 1;
    return moves.slice(from, next);
  };

  const before = take(first.readAt);
  const oldest = before[0]?.postedAt ?? first.readAt;
  if (isJudged(first)) {
    spans.push(...backwards(first, before.slice(1), oldest, 'rebuilt', sumOf(before.slice(1))));
  }
  for (const [index, reading] of readings.entries()) {
    const following = readings[index + 1];
    if (following === undefined) {
      spans.push(...forwards(reading, take(Number.POSITIVE_INFINITY), null));
      break;
    }
    const between = take(following.readAt);
    if (!isJudged(reading) || !isJudged(following)) {
      spans.push(...forwards(reading, between, following.readAt));
      continue;
    }
    const sum = sumOf(between);
    const rest = following.onHandMicros - reading.onHandMicros - sum;
    unexplainedMicros += rest < 0n ? -rest : rest;
    const confidence = rest === 0n ? 'confirmed' : 'contradicted';
    spans.push(...backwards(following, between, reading.readAt, confidence, sum));
  }
  return { spans: joined(spans), readings: readings.length, unclear, unjudged, unexplainedMicros };
}

function isClear(reading: StockReading, moves: readonly StockPosting[], slackMs: number): boolean {
  const at = firstFrom(moves, reading.readAt - slackMs);
  const posting = moves[at];
  return posting === undefined || posting.postedAt > reading.receivedAt + slackMs;
}

/** Place of the first movement posted at `time` or later. */
function firstFrom(moves: readonly StockPosting[], time: number): number {
  let low = 0;
  let high = moves.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moves[middle] as StockPosting).postedAt < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Spans from `from` to the reading; `moves` are those after `from`, `sum` what they add up to. */
function backwards(
  reading: StockReading,
  moves: readonly StockPosting[],
  from: number,
  confidence: StockConfidence,
  sum: bigint,
): StockSpan[] {
  let level = reading.onHandMicros - sum;
  let since = from;
  const spans: StockSpan[] = [];
  for (const { postedAt, quantityMicros } of moves) {
    spans.push({ from: since, to: postedAt, onHandMicros: level, confidence });
    level += quantityMicros;
    since = postedAt;
  }
  spans.push({ from: since, to: reading.readAt, onHandMicros: level, confidence });
  return spans;
}

function forwards(
  reading: StockReading,
  moves: readonly StockPosting[],
  to: number | null,
): StockSpan[] {
  let level = reading.onHandMicros;
  let since = reading.readAt;
  const confidence = 'rolled-forward';
  const spans: StockSpan[] = [];
  for (const { postedAt, quantityMicros } of moves) {
    spans.push({ from: since, to: postedAt, onHandMicros: level, confidence });
    level += quantityMicros;
    since = postedAt;
  }
  spans.push({ from: since, to, onHandMicros: level, confidence });
  return spans;
}

/** Without empty spans, and with equal neighbours as one. */
function joined(spans: readonly StockSpan[]): StockSpan[] {
  const result: StockSpan[] = [];
  for (const span of spans) {
    if (span.to !== null && span.to <= span.from) continue;
    const last = result.at(-1);
    const isSame = last?.onHandMicros === span.onHandMicros && last.confidence === span.confidence;
    if (last !== undefined && isSame) result[result.length - 1] = { ...last, to: span.to };
    else result.push(span);
  }
  return result;
}

function sumOf(moves: readonly StockPosting[]): bigint {
  let sum = 0n;
  for (const { quantityMicros } of moves) sum += quantityMicros;
  return sum;
}
