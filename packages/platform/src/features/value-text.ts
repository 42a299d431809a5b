/**
 * Values and times that answer after answer says the same, with their text. Making text of fifty values
 * takes longer than giving them again does, so it is made once, when somebody first wants it.
 */
import type { FeaturePlain } from './finish.js';

/** Values of one key, in the order of their names. */
export class ValueList {
  readonly list: readonly FeaturePlain[];
  #texts: readonly string[] | null = null;
  #joined: string | null = null;

  constructor(list: readonly FeaturePlain[]) {
    this.list = list;
  }

  /** Each as JSON. */
  texts(): readonly string[] {
    this.#texts ??= this.list.map(plainJson);
    return this.#texts;
  }

  /** All as JSON, with commas between them. */
  joined(): string {
    this.#joined ??= this.list.map(plainJson).join();
    return this.#joined;
  }
}

function plainJson(value: FeaturePlain): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return Number.isFinite(value) ? String(value) : 'null';
}

/** When the newest fact in values became true, and when the last of what made them so became known. */
export class FeatureTimes {
  /** Ms since the epoch, as `knownAt`. */
  readonly eventAt: number | null;
  readonly knownAt: number | null;
  #json: string | null = null;

  constructor(eventAt: number | null, knownAt: number | null) {
    this.eventAt = eventAt;
    this.knownAt = knownAt;
  }

  /** Both as members of an object, without its braces. */
  json(): string {
    this.#json ??= `"eventAt":${isoJson(this.eventAt)},"knownAt":${isoJson(this.knownAt)}`;
    return this.#json;
  }
}

function isoJson(ms: number | null): string {
  return ms === null ? 'null' : `"${new Date(ms).toISOString()}"`;
}
