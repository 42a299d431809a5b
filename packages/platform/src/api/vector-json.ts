/** Vectors as text, without the objects in between. */
import type { Evidence, FeatureValue, FeatureVector } from '../features/index.js';
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
export function vectorJson({ key, values, evidence }: FeatureVector): string {
  let text = `{"key":${JSON.stringify(key)},"values":{`;
  const behinds: Behind[] = [];
  let comma = '';
  for (const name of Object.keys(values)) {
    const of = values[name] as FeatureValue;
    let behind = behinds.find((one) => isSameBehind(one.of, of));
    if (behind === undefined) {
      behind = { of, text: behindValue(of) };
      if (behinds.length < behindsMax) behinds.push(behind);
    }
    text += `${comma}${nameJson(name)}${plainJson(of.value)}${behind.text}`;
    comma = ',';
  }
  return `${text}},"evidence":${JSON.stringify(evidence)}}`;
}

const nameTexts = new Map<string, string>();

function nameJson(name: string): string {
  let text = nameTexts.get(name);
  if (text === undefined) {
    text = `${JSON.stringify(name)}:{"value":`;
    if (nameTexts.size >= textsMax) nameTexts.clear();
    nameTexts.set(name, text);
  }
  return text;
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
  readonly add: (vector: FeatureVector) => void;
  readonly end: () => void;
}

/**
 * The text of `featureTable`: names stand once, and what is said of the age of values once for all values it
 * is said of. Of a hundred vectors of fifty values that is a sixth of the text, which took longer to hand
 * over than the values did to work out.
 */
export function vectorTable(answer: JsonParts): VectorWriter {
  const places = new Map<string, number>();
  let names: readonly string[] | null = null;
  let evidence: Evidence | null = null;
  const placeOf = (of: FeatureValue): number => {
    const text = `{${behindValue(of).slice(1)}`;
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  };
  return {
    add(vector) {
      const comma = names === null ? '' : ',';
      if (names === null) {
        names = Object.keys(vector.values);
        evidence = vector.evidence;
        answer.add(`,"names":${JSON.stringify(names)},"rows":[`);
      }
      const seen: { readonly of: FeatureValue; readonly place: number }[] = [];
      let values = '';
      let ages = '';
      for (const name of names) {
        const of = vector.values[name] as FeatureValue;
        let own = seen.find((one) => isSameBehind(one.of, of));
        if (own === undefined) {
          own = { of, place: placeOf(of) };
          if (seen.length < behindsMax) seen.push(own);
        }
        const between = values === '' ? '' : ',';
        values += between + plainJson(of.value);
        ages += between + own.place;
      }
      const key = JSON.stringify(vector.key);
      answer.add(`${comma}{"key":${key},"values":[${values}],"ages":[${ages}]}`);
    },
    end() {
      if (names === null) answer.add(',"names":[],"rows":[');
      const rest = `],"ages":[${[...places.keys()].join(',')}],"evidence":${JSON.stringify(evidence)}}`;
      answer.add(rest);
    },
  };
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
