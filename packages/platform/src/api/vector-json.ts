/** Vectors as text, without the objects in between. */
import type { Evidence, FeatureAge, FeatureRow } from '../features/index.js';
import type { JsonParts } from './json-parts.js';

/**
 * The text of `vectorAnswer`, without the objects in between: fifty values share a few ages, and writing
 * those once takes a fraction of the time.
 */
export function vectorJson({ key, names, row, evidence }: FeatureRow): string {
  let text = `{"key":${JSON.stringify(key)},"values":{`;
  const begins = beginsOf(names);
  const texts = row.values.texts();
  const behinds = row.ages.map((age) => `,${ageJson(age)}}`);
  for (let place = 0; place < texts.length; place += 1) {
    text += begins[place] as string;
    text += texts[place] as string;
    text += behinds[row.ageOf[place] as number] as string;
  }
  return `${text}},"evidence":${JSON.stringify(evidence)}}`;
}

const begins = new WeakMap<readonly string[], readonly string[]>();

/** What stands before each value; the names of a question are one list. */
function beginsOf(names: readonly string[]): readonly string[] {
  let found = begins.get(names);
  if (found === undefined) {
    found = names.map(
      (name, place) => `${place === 0 ? '' : ','}${JSON.stringify(name)}:{"value":`,
    );
    begins.set(names, found);
  }
  return found;
}

/** As members of an object, without its braces. */
function ageJson({ status, ageMs, times }: FeatureAge): string {
  return `"status":"${status}","ageMs":${ageMs},${times.json()}`;
}

function isSame(left: FeatureAge, right: FeatureAge): boolean {
  return (
    left.times.knownAt === right.times.knownAt &&
    left.times.eventAt === right.times.eventAt &&
    left.ageMs === right.ageMs &&
    left.status === right.status
  );
}

/** Takes vectors one by one, and adds them to an answer that was begun. */
export interface VectorWriter {
  readonly add: (row: FeatureRow) => void;
  readonly end: () => void;
}

/**
 * The text of `featureTable`: names stand once, and what is said of the age of values once for all values it
 * is said of. Of a hundred vectors of fifty values that is a ninth of the text.
 */
export function vectorTable(answer: JsonParts, names: readonly string[]): VectorWriter {
  /** By the time of knowing, which tells most of them apart. */
  const places = new Map<number | null, Place[]>();
  const texts: string[] = [];
  const begin = `,"names":${JSON.stringify(names)},"rows":[`;
  let evidence: Evidence | null = null;
  const placeOf = (of: FeatureAge): number => {
    const { knownAt } = of.times;
    const alike = places.get(knownAt) ?? [];
    if (alike.length === 0) places.set(knownAt, alike);
    const found = alike.find((one) => isSame(one.of, of));
    if (found !== undefined) return found.place;
    alike.push({ of, place: texts.length });
    return texts.push(`{${ageJson(of)}}`) - 1;
  };
  return {
    add({ key, row, evidence: of }) {
      // In the order of values, which is the same however these came about.
      const placed: string[] = [];
      let ages = '';
      for (const place of row.ageOf) {
        placed[place] ??= `,${placeOf(row.ages[place] as FeatureAge)}`;
        ages += placed[place];
      }
      const before = evidence === null ? begin : ',';
      evidence = of;
      const values = row.values.joined();
      answer.add(
        `${before}{"key":${JSON.stringify(key)},"values":[${values}],"ages":[${ages.slice(1)}]}`,
      );
    },
    end() {
      if (evidence === null) answer.add(begin);
      answer.add(`],"ages":[${texts.join(',')}],"evidence":${JSON.stringify(evidence)}}`);
    },
  };
}

interface Place {
  readonly of: FeatureAge;
  readonly place: number;
}

/** Values of a vector mostly share their times, and making text of one takes longer than its value did. */
const texts = new Map<number, string>();
const textsMax = 10_000;

export function iso(ms: number | null): string | null {
  if (ms === null) return null;
  let text = texts.get(ms);
  if (text === undefined) {
    text = new Date(ms).toISOString();
    if (texts.size >= textsMax) texts.clear();
    texts.set(ms, text);
  }
  return text;
}
