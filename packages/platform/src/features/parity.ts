/**
 * Reads a share of online answers again, later and without anything that is kept in memory, at the
 * (T, K, V) they were given at. Equal means equal to the last character; any difference is a bug of
 * ours, and an alarm.
 *
 * States: idle → sampled (waiting, the oldest let go beyond `waitingMax`) → checked → idle.
 * Invariant: nothing of this is done while a read is being answered.
 */
import type { Logger, Random } from '@headrace/sdk';
import type { FeatureDefinition } from './definition.js';
import type { FeatureReader, FeatureVector } from './feature-reader.js';

export interface ParityOptions {
  readonly reader: FeatureReader;
  readonly random: Random;
  readonly log: Logger;
  /** Lets other work of the thread run. */
  readonly pause: () => Promise<void>;
  /** Share of online reads that are read again, 0 to 1. */
  readonly share?: number;
}

export interface ParityStatus {
  readonly offered: number;
  readonly checked: number;
  readonly mismatches: number;
  /** Samples let go because too many waited. */
  readonly skipped: number;
  readonly waiting: number;
  /** The first difference: key, value's name and both values. */
  readonly firstMismatch: string | null;
}

export interface Sample {
  readonly definitions: readonly FeatureDefinition[];
  readonly vector: FeatureVector;
}

/** Sees every online answer. */
export interface Sampler {
  offer(definitions: readonly FeatureDefinition[], vector: () => FeatureVector): void;
}

/** Of online answers, read again unless said otherwise. */
export const shareDefault = 0.01;
const waitingMax = 1000;

export class Parity implements Sampler {
  readonly #options: ParityOptions;
  readonly #waiting: Sample[] = [];
  #running: Promise<void> | null = null;
  #offered = 0;
  #checked = 0;
  #mismatches = 0;
  #skipped = 0;
  #first: string | null = null;
  #closed = false;

  constructor(options: ParityOptions) {
    this.#options = options;
  }

  /** Called with every online answer; keeps some for later. */
  offer(definitions: readonly FeatureDefinition[], vector: () => FeatureVector): void {
    this.#offered += 1;
    const { random, share = shareDefault } = this.#options;
    if (random.next() < share) this.#keep({ definitions, vector: vector() });
  }

  /** A sample another thread took, of so many answers. */
  take(sample: Sample, offered: number): void {
    this.#offered += offered;
    this.#keep(sample);
  }

  status(): ParityStatus {
    return {
      ...{ offered: this.#offered, checked: this.#checked, mismatches: this.#mismatches },
      ...{ skipped: this.#skipped, waiting: this.#waiting.length, firstMismatch: this.#first },
    };
  }

  /** Resolves once all samples are checked. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    await this.drained();
  }

  #keep(sample: Sample): void {
    if (this.#closed) return;
    if (this.#waiting.length >= waitingMax) {
      this.#waiting.shift();
      this.#skipped += 1;
    }
    this.#waiting.push(sample);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#options.pause();
      const sample = this.#waiting.shift();
      if (sample === undefined) return;
      this.#check(sample);
    }
  }

  #check({ definitions, vector }: Sample): void {
    const { t, k } = vector.evidence;
    if (k === null) return;
    const again = this.#options.reader.vector(definitions, vector.key, { t, known: { k } });
    this.#checked += 1;
    const name = differenceOf(vector, again);
    if (name === null) return;
    // An erasure is meant to change answers of the past, and is no difference of ours.
    if (again.values[name]?.status === 'erased') return;
    this.#mismatches += 1;
    const values = [vector, again].map((one) => JSON.stringify(one.values[name]));
    this.#first ??= `${vector.key} ${name} at (${t}, ${k}): ${values.join(' then ')}`;
    this.#options.log.error('An online read gives another value when it is read again.', {
      code: 'E_PARITY',
      key: vector.key,
      value: name,
    });
  }
}

/** The first value that differs in anything. */
export function differenceOf(left: FeatureVector, right: FeatureVector): string | null {
  for (const [name, value] of Object.entries(left.values)) {
    if (JSON.stringify(value) !== JSON.stringify(right.values[name])) return name;
  }
  return null;
}
