import type { Change, Clock } from '../connector/index.js';
import type { ReplayedRecording } from './recording/index.js';

/** One thing a connector must hold to; `run` rejects when it does not. */
export interface ContractCase {
  readonly name: string;
  run(): Promise<void>;
}

export interface ContractOptions {
  /** In tests: `{ now: Date.now, monotonicMs: () => performance.now() }`. */
  readonly clock: Clock;
  /** Changes one record at the source for each stream named, and says which. */
  readonly mutate?: Readonly<Record<string, () => Promise<Change>>>;
  /** Streams that may hold nothing in this source. */
  readonly mayBeEmpty?: readonly string[];
  /** A key no record has, where 32 zeros are not a possible one. */
  readonly absentKey?: string;
  /** How far the clocks of the test and the source may be apart. Default one minute. */
  readonly clockSkewMs?: number;
  /** A pass with more pages is taken for an endless one. Default 1000. */
  readonly pagesMax?: number;
  /** Answers come from here instead of the system; only what was recorded is asked of it. */
  readonly recording?: ReplayedRecording;
}
