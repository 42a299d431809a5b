/**
 * Runs one flow: takes what is due, the oldest first, and levels it, a batch at a time; so the order
 * per group is kept, and a system that is down stalls no flow but those that write to it.
 *
 *   resting ─▶ paused, stopped or held? ─▶ circuit open? ─▶ whose turn in a run? ─▶ batch ─▶ resting
 *
 * A batch that fails as a whole is halved to find the group that makes it fail; that one is parked.
 * When one after the other fails like that, it is the system, and the flow stops.
 */
import {
  type Clock,
  ensureError,
  type HeadraceError,
  type JsonObject,
  type Logger,
  type Timers,
} from '@headrace/sdk';
import type { Engine, FoldInput } from '../engine/index.js';
import type { Circuit } from './circuit.js';
import { deliver, parkedBy, settle } from './delivery.js';
import { outcomeArrival } from './entries.js';
import type { Flow } from './flow.js';
import type { FlowState, Lane, Run } from './flow-fold.js';
import { laneGroups, lanePlaces, readFlow, readGroup } from './flow-reader.js';
import { type EndedItem, groupAt, offsetAt, timeAt } from './group-state.js';
import { type DeliveryMode, type DeliveryOptions, SinkFailure } from './look.js';
import { Wake } from './wake.js';

export interface FlowRunnerOptions {
  readonly flow: Flow;
  readonly delivery: DeliveryOptions & { readonly engine: Pick<Engine, 'control'> };
  /** Shared by all flows to the same system. */
  readonly circuit: Circuit;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Why what the flow rests on may not be written now; null when it may. */
  readonly holdOf?: ((flow: Flow) => string | null) | undefined;
  readonly crash: (error: HeadraceError) => void;
}

/** Looks again by itself now and then, whatever it was told. */
const restMaxMs = 5000;
const settleEveryMs = 2000;
/** A source that is back is noticed this soon. */
const heldLookMs = 1000;
/** Of so few held groups no share is taken. */
const shareMin = 10;
/** Groups parked one after the other because a whole call failed. */
const parkedInRowMax = 10;
/** Further tries of a group whose call fails as a whole. */
const triesMax = 3;
/**
 * After a write whose answer was lost, where only reading keeps a second one away: the system may still
 * be at it.
 */
const lostWaitMs = 5000;
const lagsMax = 1000;
const system = 'system';

export class FlowRunner {
  readonly flow: Flow;
  readonly #options: FlowRunnerOptions;
  readonly #wake: Wake;
  #settledAt = 0;
  #settleAfter = '';
  #parkedInRow = 0;
  #restUntil = 0;
  #lags: number[] = [];

  constructor(options: FlowRunnerOptions) {
    this.flow = options.flow;
    this.#options = options;
    this.#wake = new Wake(options.timers);
  }

  /** From a change being known to its being written, over the last deliveries of this process. */
  get lags(): readonly number[] {
    return this.#lags;
  }

  get circuit(): Circuit {
    return this.#options.circuit;
  }

  state(): FlowState {
    return readFlow(this.#options.delivery.engine.reader, this.flow.name);
  }

  /** Why nothing is written now, though it is due: what it rests on is too old. */
  held(): string | null {
    return this.flow.write === 'live' ? (this.#options.holdOf?.(this.flow) ?? null) : null;
  }

  /** Told of what became durable. */
  note(inputs: readonly FoldInput[]): void {
    if (inputs.some(isNews)) this.#wake.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const restMs = await this.#turn();
        if (restMs > 0) await this.#wake.rest(Math.min(restMs, restMaxMs), signal);
      } catch (thrown) {
        const error = thrown instanceof SinkFailure ? thrown.error : ensureError(thrown);
        if (signal.aborted || error.kind === 'cancelled' || error.code === 'E_WRITER_STOPPED')
          return;
        return this.#options.crash(error);
      }
    }
  }

  /** One thing to do; returns how long there is nothing to do. */
  async #turn(): Promise<number> {
    const { circuit, clock } = this.#options;
    const own = this.state();
    const waitMs = Math.max(circuit.waitMs(), this.#restUntil - clock.now());
    if (waitMs > 0) return waitMs;
    if (own.waiting > 0 && clock.now() - this.#settledAt >= settleEveryMs) await this.#settle();
    const settleMs = own.waiting > 0 ? settleEveryMs : restMaxMs;
    if (own.paused !== null || own.stopped !== null) return settleMs;
    if (this.held() !== null) return Math.min(settleMs, heldLookMs);
    const step = this.#nextOf(own);
    if (step.kind === 'rest') return Math.min(step.ms, settleMs);
    if (step.kind === 'again') {
      await this.#control('flow-resync', { groups: [...step.groups] });
      return 0;
    }
    if (step.kind === 'run') {
      await this.#control('flow-run', { phase: step.phase });
      return 0;
    }
    await this.#level(step.groups, step.mode);
    await this.#stopIfTooMany();
    return 0;
  }

  #nextOf(own: FlowState): Step {
    const { flow } = this;
    // What held them has ended: they are due as for any change, limits of runs included.
    const ended = this.#due('ends');
    if (ended.length > 0) return { kind: 'again', groups: ended };
    const plain = { isRehearsal: false, isApproved: false };
    if (flow.write === 'live') {
      const { run } = own;
      if (run?.phase === 'held') return { kind: 'rest', ms: restMaxMs };
      if (run?.phase === 'approved') return this.#approved(run);
      if (run?.phase === 'rehearsing') {
        const groups = this.#due();
        if (groups.length > 0)
          return { kind: 'level', groups, mode: { ...plain, isRehearsal: true } };
        // A group that changed meanwhile was looked at twice, and is held once.
        const differing = Math.min(run.differing, own.held);
        const isFew = flow.limits.approval === null || differing <= flow.limits.approval;
        return { kind: 'run', phase: isFew ? 'approved' : 'held' };
      }
      const isLarge = flow.limits.rows !== null && own.due > flow.limits.rows;
      if (isLarge) return { kind: 'run', phase: 'rehearsing' };
    }
    const groups = this.#due();
    if (groups.length > 0) return { kind: 'level', groups, mode: plain };
    // With nothing else to do, what was written and not confirmed since is looked at once more.
    const unconfirmed = this.#due('verify');
    if (unconfirmed.length > 0) return { kind: 'level', groups: unconfirmed, mode: plain };
    const [first] = lanePlaces(this.#reader, flow.name, 'due', { limit: 1 });
    const ms = first === undefined ? restMaxMs : timeAt(first) - this.#options.clock.now();
    return { kind: 'rest', ms: Math.max(ms, 1) };
  }

  /** What was held before the approval; what is held anew meanwhile needs another. */
  #approved(run: Run): Step {
    const lanes: readonly Lane[] = run.isByPerson ? ['rehearsed', 'held'] : ['rehearsed'];
    for (const lane of lanes) {
      const groups = lanePlaces(this.#reader, this.flow.name, lane, { limit: this.#batchMax })
        .filter((place) => offsetAt(place) < run.since)
        .map(groupAt);
      const mode = { isRehearsal: false, isApproved: true };
      if (groups.length > 0) return { kind: 'level', groups, mode };
    }
    return { kind: 'run', phase: null };
  }

  #due(lane: Lane = 'due'): string[] {
    const until = this.#options.clock.now();
    return laneGroups(this.#reader, this.flow.name, lane, { until, limit: this.#batchMax });
  }

  get #reader() {
    return this.#options.delivery.engine.reader;
  }

  get #batchMax(): number {
    return Math.max(1, this.flow.sink.batchMax);
  }

  async #level(groups: readonly string[], mode: DeliveryMode): Promise<void> {
    const { circuit, delivery } = this.#options;
    circuit.begin();
    let items: readonly EndedItem[];
    try {
      ({ items } = await deliver(delivery, this.flow, groups, mode));
    } catch (thrown) {
      if (!(thrown instanceof SinkFailure)) throw thrown;
      const { error, isWrite } = thrown;
      if (isWrite && this.flow.sink.delivery === 'at-least-once' && error.kind === 'transient') {
        this.#restUntil = this.#options.clock.now() + lostWaitMs;
      }
      if (error.kind === 'cancelled') throw error;
      if (concernsAll(error)) return this.#failed(error);
      if (groups.length > 1) {
        const half = Math.ceil(groups.length / 2);
        await this.#level(groups.slice(0, half), mode);
        if (circuit.waitMs() === 0) await this.#level(groups.slice(half), mode);
        return;
      }
      return this.#park(groups[0] as string, error);
    }
    circuit.worked();
    if (items.some(({ kind }) => kind !== 'parked')) this.#parkedInRow = 0;
    for (const { lagMs } of items) if (lagMs !== undefined) this.#lags.push(lagMs);
    if (this.#lags.length > lagsMax) this.#lags = this.#lags.slice(-lagsMax);
  }

  /**
   * The call failed because of what was sent, or because its answer was broken; so it is tried a few
   * times more before the group waits for a change or a person.
   */
  async #park(group: string, error: HeadraceError): Promise<void> {
    this.#options.circuit.worked();
    const attempts = readGroup(this.#reader, this.flow.name, group)?.fault?.attempts ?? 0;
    if (attempts < triesMax) {
      const { code, message } = error;
      const againAfterMs = 500 * 2 ** attempts;
      return this.#end({ group, kind: 'again', code, message, againAfterMs });
    }
    await this.#end(parkedBy(error, group));
    this.#parkedInRow += 1;
    if (this.#parkedInRow < parkedInRowMax) return;
    this.#parkedInRow = 0;
    await this.#stop(
      'E_FLOW_SYSTEM',
      `${parkedInRowMax} groups in a row failed: ${error.message} Correct the cause, then resume the flow and retry what is parked.`,
    );
  }

  async #end(item: EndedItem): Promise<void> {
    const { name, target, definition, write } = this.flow;
    const { engine } = this.#options.delivery;
    const body = { action: 'ended', flow: name, definition, write } as const;
    const seen = engine.durableEnd();
    await engine.loop.submit([outcomeArrival(target, { ...body, seen, items: [item] })]);
  }

  #failed(error: HeadraceError): void {
    const { circuit, delivery, log } = this.#options;
    circuit.failed(error);
    if (error.kind === 'rate-limited')
      delivery.engine.target(this.flow.target).limited(error.retryAtMs);
    log.warn(error.message, { flow: this.flow.name, code: error.code, kind: error.kind });
  }

  async #settle(): Promise<void> {
    const { circuit, clock, delivery } = this.#options;
    this.#settledAt = clock.now();
    const places = this.#reader.memberPage('flow_lane', `${this.flow.name}/waiting`, {
      from: this.#settleAfter,
      limit: this.#batchMax,
    });
    // Those that are not done yet let others have their turn.
    this.#settleAfter = places.length < this.#batchMax ? '' : `${places.at(-1)}\0`;
    if (places.length === 0) return;
    circuit.begin();
    try {
      await settle(delivery, this.flow, places.map(groupAt));
      circuit.worked();
    } catch (thrown) {
      if (!(thrown instanceof SinkFailure) || thrown.error.kind === 'cancelled') throw thrown;
      this.#failed(thrown.error);
    }
  }

  /** Too many of a run held for their numbers: it is the mapping or its source, not the rows. */
  async #stopIfTooMany(): Promise<void> {
    const { share } = this.flow.limits;
    const { guarded, judged, run } = this.state();
    if (share === null || run !== null || guarded < shareMin || guarded <= judged * share) return;
    await this.#stop(
      'E_FLOW_LIMIT',
      `${guarded} of ${judged} rows would change a guarded number by more than the limit. Look at them, then approve the flow, or correct the mapping and resume it.`,
    );
  }

  async #stop(code: string, message: string): Promise<void> {
    this.#options.log.error(message, { flow: this.flow.name, code });
    await this.#control('flow-stop', { code, message });
  }

  async #control(action: string, body: JsonObject): Promise<void> {
    await this.#options.delivery.engine.control(system, action, { flow: this.flow.name, ...body });
  }
}

type Step =
  | { readonly kind: 'rest'; readonly ms: number }
  | { readonly kind: 'again'; readonly groups: readonly string[] }
  | { readonly kind: 'run'; readonly phase: Run['phase'] | null }
  | { readonly kind: 'level'; readonly groups: readonly string[]; readonly mode: DeliveryMode };

function isNews({ header, change }: FoldInput): boolean {
  return header.kind === 'control' || (change !== null && change.before !== change.after);
}

function concernsAll({ kind }: HeadraceError): boolean {
  return kind === 'transient' || kind === 'rate-limited' || kind === 'config';
}
