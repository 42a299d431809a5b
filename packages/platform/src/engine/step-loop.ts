/**
 * The step: takes arrivals in order, plans them in groups, commits, then acknowledges.
 *
 * States: idle → gathering → prepared → planning → committing → idle. With no commit under way a group is what
 * has arrived once a turn of the event loop brings nothing more. While one is, the next group is
 * what comes meanwhile; when that is worth it, planning overlaps the commit. A prepared
 * group waits until its rows have been read ahead; when a full group waits behind the one that is
 * planned next, it is prepared first, so that reading and planning go on side by side. A failed commit (a
 * full disk) stops acknowledgement: everything not durable is planned again from the store, after
 * a pause that grows. Nothing is dropped; `submit` simply takes longer, which slows the sources.
 *
 * Invariants: arrivals become durable in the order submitted; `submit` resolves only after the
 * commit that holds its last arrival. What was read waits in `submit` while `queueBytesMax` are queued;
 * what is sent to us cannot wait, and has `sentBytesMax` of its own, so that a first read of everything,
 * which keeps the queue full for hours, turns nobody away. Queued bytes stay below both together, plus
 * one page and one delivery.
 */
import { ensureError, type HeadraceError, type Logger } from '@headrace/sdk';
import type { CommitResult } from '../storage/index.js';
import { type Arrival, arrivalBytes } from './arrival.js';
import type { FoldInput } from './fold.js';
import type { Plan, Planner } from './planner.js';
import type { PreReader } from './pre-reader.js';
import type { PreparedGroup } from './prepared-group.js';
import type { StepWriter } from './writer.js';

export interface StepLoopOptions {
  readonly planner: Planner;
  readonly writer: StepWriter;
  /** Absent where rows are in memory anyway, as in most tests. */
  readonly preReader?: PreReader;
  readonly log: Logger;
  /** Real time, also under a simulated clock: the disk does not hurry. */
  readonly wait: (ms: number) => Promise<void>;
  readonly groupMax?: number;
  readonly groupBytesMax?: number;
  /** Arrivals that are planned while a commit is under way; fewer wait for its end. */
  readonly overlapMin?: number;
  /** Ends when the event loop has turned once; a group is then what this turn has brought, too. */
  readonly turn?: () => Promise<void>;
  readonly queueBytesMax?: number;
  readonly sentBytesMax?: number;
  readonly inFlightMax?: number;
  /** Called with the entries of each durable commit, in order. */
  readonly durable?: (inputs: readonly FoldInput[], endOffset: number) => void;
  /** Called when the step ends for good: the writer is gone, or planning threw. */
  readonly stopped?: (error: HeadraceError) => void;
  /** Called when commits fail, and with null once they work again. */
  readonly trouble?: (error: HeadraceError | null) => void;
}

interface Queued {
  readonly arrival: Arrival;
  readonly isSent: boolean;
  readonly done: (() => void) | null;
  readonly failed: ((error: Error) => void) | null;
}

/** A group on its way to be planned. */
interface Taken {
  readonly group: readonly Queued[];
  readonly prepared: PreparedGroup;
  /** Never fails. */
  readonly warm: Promise<void>;
}

interface Flight {
  readonly plan: Plan;
  readonly group: readonly Queued[];
  readonly end: Promise<boolean>;
  isOver: boolean;
}

/** A source that sends without a break must not keep a group open. */
const turnsMax = 16;
/** Commits under way. The log is emptied into the file in some, which then take several times as long. */
const flightsMax = 4;

export class StepLoop {
  readonly #options: StepLoopOptions;
  #queue: Queued[] = [];
  #head = 0;
  #queuedBytes = 0;
  /** Of these, what was sent to us. */
  #sentBytes = 0;
  #wake: (() => void) | null = null;
  #wakeAt = 0;
  #drained: (() => void)[] = [];
  /** Out of the queue and not yet planned, in order: the one being planned, and the next. */
  #taken: Taken[] = [];
  #inFlight: Flight[] = [];
  #stopped: HeadraceError | null = null;
  #closing = false;
  readonly #running: Promise<void>;

  constructor(options: StepLoopOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  get queued(): number {
    return this.#queue.length - this.#head;
  }

  /** Nothing is queued, planned or being committed. */
  get isIdle(): boolean {
    return (
      this.queued === 0 && this.#taken.length === 0 && this.#inFlight.every((one) => one.isOver)
    );
  }

  /** Whether who reads has to wait. */
  get isFull(): boolean {
    return this.#queuedBytes > (this.#options.queueBytesMax ?? 16 << 20);
  }

  /** Whether who sends, and cannot wait, should be turned away. */
  get refusesSent(): boolean {
    return this.#sentBytes > (this.#options.sentBytesMax ?? 8 << 20);
  }

  /** Resolves once all of these are durable. Waits first while the queue is full. */
  async submit(arrivals: readonly Arrival[]): Promise<void> {
    while (this.isFull && this.#stopped === null) await this.#drain();
    await this.#enqueue(arrivals, false);
  }

  /** As `submit`, for what was sent to us: it waits for nothing but what was sent before. */
  async submitSent(arrivals: readonly Arrival[]): Promise<void> {
    while (this.refusesSent && this.#stopped === null) await this.#drain();
    await this.#enqueue(arrivals, true);
  }

  /** As `submit`, but enters the queue at once: for a few small ones. */
  submitNow(arrivals: readonly Arrival[]): Promise<void> {
    return this.#enqueue(arrivals, false);
  }

  #drain(): Promise<void> {
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #enqueue(arrivals: readonly Arrival[], isSent: boolean): Promise<void> {
    if (this.#stopped !== null) return Promise.reject(this.#stopped);
    if (arrivals.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const last = arrivals.length - 1;
      for (const [index, arrival] of arrivals.entries()) {
        const bytes = arrivalBytes(arrival);
        this.#queuedBytes += bytes;
        if (isSent) this.#sentBytes += bytes;
        this.#queue.push({
          ...{ arrival, isSent },
          done: index === last ? resolve : null,
          failed: index === last ? reject : null,
        });
      }
      if (this.queued >= this.#wakeAt) this.#wake?.();
    });
  }

  /** Commits what is queued, does what is to be done while the writer is there, and ends. */
  async close(last: () => Promise<void> = async () => undefined): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    await this.#running;
    if (this.#stopped === null) await last();
    await this.#options.preReader?.close();
    await this.#options.writer.close();
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        if (this.#taken.length === 0) {
          await this.#gather();
          if (this.queued === 0) break;
        }
        if (this.#inFlight.length >= (this.#options.inFlightMax ?? flightsMax))
          await this.#settle();
        const { group, prepared, warm } = this.#taken[0] ?? (await this.#takeNext());
        await warm;
        if (this.#options.preReader !== undefined && this.#isDeep()) await this.#takeNext();
        const plan = await this.#options.planner.plan(prepared);
        this.#launch(plan, group);
        this.#taken.shift();
      }
      while (this.#inFlight.length > 0) await this.#settle();
    } catch (thrown) {
      this.#stop(ensureError(thrown));
    }
  }

  /** Ends when it is time to plan the next group, or with an empty queue when closing. */
  async #gather(): Promise<void> {
    const { overlapMin = 64, groupMax = 500, turn } = this.#options;
    for (;;) {
      while (this.#inFlight[0]?.isOver) await this.#settle();
      const enough = this.#inFlight.length === 0 ? 1 : overlapMin;
      if (this.queued >= enough) break;
      if (this.#closing && this.#inFlight.length === 0) return;
      await this.#waitFor(enough);
    }
    if (turn === undefined || this.#inFlight.length > 0) return;
    let before = 0;
    for (let turns = 0; turns < turnsMax; turns += 1) {
      if (this.queued === before || this.queued >= groupMax) return;
      before = this.queued;
      await turn();
    }
  }

  /** Ends when so many arrivals wait, when a commit has ended, or when closing. */
  #waitFor(arrivals: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeAt = arrivals;
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  #launch(plan: Plan, group: readonly Queued[]): void {
    const flight: Flight = { plan, group, end: this.#commit(plan, group), isOver: false };
    const over = () => {
      flight.isOver = true;
      this.#wake?.();
    };
    // What went wrong is seen in `#settle`; a rejection before that must not count as unhandled.
    flight.end.then(over, over);
    this.#inFlight.push(flight);
  }

  /** Whether a full group waits. */
  #isDeep(): boolean {
    const { groupMax = 500, groupBytesMax = 4 << 20 } = this.#options;
    return this.queued >= groupMax || this.#queuedBytes >= groupBytesMax;
  }

  /** Begins to read ahead for the next group. What a group is made of depends on no other group. */
  async #takeNext(): Promise<Taken> {
    const { planner, preReader } = this.#options;
    const group = this.#takeGroup();
    const prepared = await planner.prepare(group.map((queued) => queued.arrival));
    const warm = preReader?.warm({
      stateKeys: prepared.stateKeys,
      subjects: planner.keysToFind(prepared.subjects),
    });
    const taken = { group, prepared, warm: warm ?? Promise.resolve() };
    this.#taken.push(taken);
    return taken;
  }

  #takeGroup(): Queued[] {
    const { groupMax = 500, groupBytesMax = 4 << 20 } = this.#options;
    const group: Queued[] = [];
    let bytes = 0;
    while (this.#head < this.#queue.length && group.length < groupMax) {
      const queued = this.#queue[this.#head] as Queued;
      const size = arrivalBytes(queued.arrival);
      if (group.length > 0 && bytes + size > groupBytesMax) break;
      bytes += size;
      if (queued.isSent) this.#sentBytes -= size;
      group.push(queued);
      this.#head += 1;
    }
    if (this.#head > 4096 || this.#head === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.#queuedBytes -= bytes;
    // Each looks for itself whether its turn has come, and keeps its place if not.
    for (const resume of this.#drained.splice(0)) resume();
    return group;
  }

  /** Resolves to whether the plan is durable. */
  async #commit(plan: Plan, group: readonly Queued[]): Promise<boolean> {
    let result: CommitResult;
    try {
      result = await this.#options.writer.commit(plan);
    } catch (thrown) {
      const error = ensureError(thrown);
      if (error.code === 'E_WRITER_STOPPED') throw error;
      this.#options.trouble?.(error);
      return false;
    }
    // What throws from here on is our bug; the batch is durable and must not be planned again.
    this.#tellDuplicates(plan, result.duplicates);
    this.#options.planner.durable(plan.number, result.spare);
    this.#options.durable?.(plan.inputs, plan.endOffset);
    for (const queued of group) queued.done?.();
    return true;
  }

  #tellDuplicates(plan: Plan, duplicates: readonly number[]): void {
    let start = 0;
    for (const { count, tell } of plan.eventIds) {
      const from = start;
      tell(duplicates.filter((at) => at >= from && at < from + count).map((at) => at - from));
      start += count;
    }
  }

  /** Waits for the oldest commit under way. */
  async #settle(): Promise<void> {
    const oldest = this.#inFlight[0];
    if (oldest === undefined) return;
    if (await oldest.end) this.#inFlight.shift();
    else await this.#recover();
  }

  /** After a failed commit: plan again, in order, what is not durable, from what the store has. */
  async #recover(): Promise<void> {
    const groups: (readonly Queued[])[] = [];
    for (const flight of this.#inFlight) if (!(await flight.end)) groups.push(flight.group);
    this.#inFlight = [];
    let waitMs = 100;
    for (let next = 0; next < groups.length; ) {
      await this.#options.wait(waitMs);
      waitMs = Math.min(waitMs * 2, 5000);
      this.#options.planner.reset();
      while (next < groups.length) {
        const group = groups[next] as readonly Queued[];
        const plan = await this.#options.planner.plan(group.map((queued) => queued.arrival));
        if (!(await this.#commit(plan, group))) break;
        next += 1;
      }
    }
    this.#options.trouble?.(null);
  }

  #stop(error: HeadraceError): void {
    this.#stopped = error;
    this.#options.log.error(error.message, { code: error.code });
    this.#options.trouble?.(error);
    const waiting = [
      ...this.#inFlight.flatMap((flight) => flight.group),
      ...this.#taken.flatMap((taken) => taken.group),
      ...this.#queue.slice(this.#head),
    ];
    for (const queued of waiting) queued.failed?.(error);
    for (const resume of this.#drained.splice(0)) resume();
    this.#queue = [];
    this.#head = 0;
    this.#inFlight = [];
    this.#taken = [];
    this.#options.stopped?.(error);
  }
}
