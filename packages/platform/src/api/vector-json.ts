/** Vectors as text, without the objects in between. */
import type { Evidence, FeatureRow, FeatureValue } from '../features/index.js';
import type { JsonParts } from './json-parts.js';

/** What follows a value in the text: its status, age and times. */
interface Behind {
  readonly of: FeatureValue;
  readonly text: string;
}

/** A view with more different ones than this writes some of them twice. */
const behindsMax = 16;

/**
 * The text of `vectorAnswer`, without the objects in between: fifty values mostly have the same few
 * combinations of status, age and times, and writing those once takes a fraction of the time.
 */
export function vectorJson({ key, names, values, evidence }: FeatureRow): string {
  let text = `{"key":${JSON.stringify(key)},"values":{`;
  const behinds: Behind[] = [];
  const begins = beginsOf(names);
  for (const [place, of] of values.entries()) {
    let behind = behinds.find((one) => isSameBehind(one.of, of));
    if (behind === undefined) {
      behind = { of, text: behindValue(of) };
      if (behinds.length < behindsMax) behinds.push(behind);
    }
    text += `${begins[place]}${plainJson(of.value)}${behind.text}`;
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

function isSameBehind(left: FeatureValue, right: FeatureValue): boolean {
  return (
    left.knownAt === right.knownAt &&
    left.eventAt === right.eventAt &&
    left.ageMs === right.ageMs &&
    left.status === right.status
  );
}

function behindValue({ status, ageMs, eventAt, knownAt }: FeatureValue): string {
  const rest = JSON.stringify({ status, ageMs, eventAt: iso(eventAt), knownAt: iso(knownAt) });
  return `,${rest.slice(1)}`;
}

function plainJson(value: FeatureValue['value']): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return Number.isFinite(value) ? String(value) : 'null';
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
  const placeOf = (of: FeatureValue): number => {
    const alike = places.get(of.knownAt) ?? [];
    if (alike.length === 0) places.set(of.knownAt, alike);
    const found = alike.find((one) => isSameBehind(one.of, of));
    if (found !== undefined) return found.place;
    alike.push({ of, place: texts.length });
    return texts.push(`{${behindValue(of).slice(1)}`) - 1;
  };
  return {
    add(row) {
      let values = '';
      let ages = '';
      let between = '';
      let last: Place | null = null;
      for (const of of row.values) {
        if (last === null || !isSameBehind(last.of, of)) last = { of, place: placeOf(of) };
        values += between + plainJson(of.value);
        ages += between + last.place;
        between = ',';
      }
      const before = evidence === null ? begin : ',';
      evidence = row.evidence;
      const key = JSON.stringify(row.key);
      answer.add(`${before}{"key":${key},"values":[${values}],"ages":[${ages}]}`);
    },
    end() {
      if (evidence === null) answer.add(begin);
      answer.add(`],"ages":[${texts.join(',')}],"evidence":${JSON.stringify(evidence)}}`);
    },
  };
}

interface Place {
  readonly of: FeatureValue;
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
