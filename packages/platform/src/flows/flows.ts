/** All flows of a platform: runs them, says how they stand, and takes what people ask of them. */
import {
  type Clock,
  type EntityName,
  HeadraceError,
  type JsonObject,
  type Logger,
  type Random,
  type Timers,
} from '@headrace/sdk';
import type { Engine, FoldInput } from '../engine/index.js';
import type { Entities, Leading } from '../entities/index.js';
import { assemble } from './assemble.js';
import { Circuit } from './circuit.js';
import type { DoubtsOf } from './doubts.js';
import type { EndedBody, FlowAction } from './entries.js';
import { type Flow, groupsOf } from './flow.js';
import { groupKey, groupTable } from './flow-fold.js';
import { laneGroups, lanePlaces, readGroup, readGroups, recentGroups } from './flow-reader.js';
import { FlowRunner } from './flow-runner.js';
import { freshGroup, groupAt } from './group-state.js';
import { begunItem, type DeliveryOptions, type FlowPoint, undoProblem } from './look.js';
import {
  type SampleRecord,
  sampleGroups,
  type Trial,
  type TrialFault,
  type TrialGroup,
  tryGroups,
} from './trial.js';
import { referenceOf } from './wanted.js';

export interface FlowsOptions {
  readonly flows: readonly Flow[];
  readonly engine: Engine;
  readonly entities: Entities;
  readonly leading: Leading;
  readonly tenant: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly at?: ((point: FlowPoint, flow: string) => void) | undefined;
  /** Why what a flow rests on may not be written now; null when it may. */
  readonly holdOf?: ((flow: Flow) => string | null) | undefined;
  readonly doubtsOf?: DoubtsOf | undefined;
  /** The project's, from which the places of mistakes are named. */
  readonly folder?: string | undefined;
  readonly crash: (error: HeadraceError) => void;
}

/** What is tried: groups there are, records somebody wrote down, or groups of which something is to say. */
export type TrialChoice =
  | { readonly groups: readonly string[] }
  | { readonly records: readonly SampleRecord[] }
  | { readonly recent: number };

/** Which groups an act is about: these, those whose name begins like this, or all. */
export interface GroupChoice {
  readonly groups?: readonly string[];
  readonly prefix?: string;
}

/** Who acts; a dry act only counts what it is about. */
export interface Actor {
  readonly principal: string;
  readonly isDry?: boolean;
}

/** An entity's key of which something is said. */
export interface Statement {
  readonly entity: EntityName;
  readonly key: string;
}

/** Groups named by one entry. */
const chunkMax = 500;

export class Flows {
  readonly #options: FlowsOptions;
  readonly #runners: ReadonlyMap<string, FlowRunner>;
  readonly #abort = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #stopListening: () => void = () => undefined;

  constructor(options: FlowsOptions) {
    this.#options = options;
    const { flows, engine, entities, leading, tenant, clock, timers, random, log, crash } = options;
    const circuits = new Map<string, Circuit>();
    const delivery: DeliveryOptions & { engine: Engine } = {
      ...{ engine, entities, leading, tenant, doubtsOf: options.doubtsOf },
      now: () => clock.now(),
      at: options.at ?? (() => undefined),
    };
    this.#runners = new Map(
      flows.map((flow) => {
        const circuit = circuits.get(flow.target) ?? new Circuit(clock, random);
        circuits.set(flow.target, circuit);
        const { holdOf } = options;
        const runner = new FlowRunner({
          ...{ flow, delivery, circuit, clock, timers, log, holdOf, crash },
        });
        return [flow.name, runner];
      }),
    );
  }

  start(): void {
    const runners = [...this.#runners.values()];
    const note = (inputs: readonly FoldInput[]) => {
      for (const runner of runners) runner.note(inputs);
    };
    this.#stopListening = this.#options.engine.onDurable(note);
    this.#running = Promise.all(runners.map((runner) => runner.run(this.#abort.signal)));
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#abort.abort();
    for (const runner of this.#runners.values()) runner.note([]);
    await this.#running;
  }

  all(): readonly FlowRunner[] {
    return [...this.#runners.values()];
  }

  find(name: string): FlowRunner {
    const runner = this.#runners.get(name);
    if (runner !== undefined) return runner;
    const names = [...this.#runners.keys()].join(', ');
    throw new HeadraceError('config', `There is no flow ${name}.`, {
      code: 'E_NO_FLOW',
      hint: names === '' ? 'The project has no flows.' : `There are ${names}.`,
    });
  }

  async pause(name: string, actor: Actor): Promise<number> {
    await this.#act('flow-pause', actor, name);
    return 0;
  }

  /** Also after the flow has stopped by itself. */
  async resume(name: string, actor: Actor): Promise<number> {
    await this.#act('flow-resume', actor, name);
    return 0;
  }

  /** Of groups what they are held for; without any, the whole run and all numbers it is held for. */
  async approve(name: string, actor: Actor, groups: readonly string[]): Promise<number> {
    const { flow } = this.find(name);
    const { reader } = this.#options.engine;
    const held = groups.filter((group) => readGroup(reader, name, group)?.phase === 'held');
    if (groups.length > 0 && held.length === 0) {
      throw new HeadraceError('conflict', 'None of these is held.', {
        code: 'E_FLOW_NOT_HELD',
        hint: `GET /v1/flows/${name}/groups?phase=held lists what is.`,
      });
    }
    if (groups.length > 0) return this.#inChunks('flow-approve', actor, flow.name, held);
    const own = this.find(name).state();
    await this.#act('flow-approve', actor, name);
    return own.held;
  }

  /** Marks groups as if they had changed. */
  async resync(name: string, actor: Actor, choice: GroupChoice): Promise<number> {
    this.find(name);
    if (choice.groups !== undefined) {
      const unknown = choice.groups.filter(
        (group) => readGroup(this.#options.engine.reader, name, group) === null,
      );
      if (unknown[0] !== undefined) throw noGroup(name, unknown[0]);
      return this.#inChunks('flow-resync', actor, name, choice.groups);
    }
    const { reader } = this.#options.engine;
    const prefix = groupKey(name, choice.prefix ?? '');
    let count = 0;
    for (let after = ''; ; ) {
      const rows = reader.keysRange(groupTable.name, prefix, after, chunkMax);
      const groups = rows.map(({ key }) => key.slice(name.length + 1));
      if (groups.length > 0) await this.#act('flow-resync', actor, name, { groups });
      count += groups.length;
      if (rows.length < chunkMax) return count;
      after = rows.at(-1)?.key ?? '';
    }
  }

  /**
   * Marks the groups that rest on these statements as if they had changed, so that each is looked at, and
   * written as far as its flow may. Returns how many were marked.
   *
   * @param targets Only flows that write to one of these; all when left out.
   */
  async lookAgain(
    statements: readonly Statement[],
    actor: Actor,
    targets?: readonly string[],
  ): Promise<number> {
    const { entities, engine } = this.#options;
    const rows = statements.flatMap(({ entity, key }) =>
      entities.rowsAt(entity, key).map(({ fields }) => ({ entity, key, fields })),
    );
    let count = 0;
    for (const { flow } of this.#runners.values()) {
      if (targets?.includes(flow.target) === false) continue;
      const named = [...new Set(rows.flatMap((row) => groupsOf(flow.sink, row)))];
      // What only the target itself speaks of is in no group.
      const groups = [...readGroups(engine.reader, flow.name, named).keys()];
      if (groups.length > 0) count += await this.#inChunks('flow-resync', actor, flow.name, groups);
    }
    return count;
  }

  /** Tries again what was parked. */
  async retry(name: string, actor: Actor, choice: GroupChoice): Promise<number> {
    this.find(name);
    if (choice.groups !== undefined) {
      return this.#inChunks('flow-retry', actor, name, choice.groups);
    }
    const { engine, clock } = this.#options;
    const until = clock.now();
    let count = 0;
    if (actor.isDry === true) return this.find(name).state().parked;
    for (;;) {
      const groups = laneGroups(engine.reader, name, 'parked', { until, limit: chunkMax });
      if (groups.length === 0) return count;
      await this.#act('flow-retry', actor, name, { groups });
      count += groups.length;
    }
  }

  /** Writes again what was there before a delivery, for these of its groups or all of them. */
  async undo(name: string, actor: Actor, offset: number, only: readonly string[]): Promise<number> {
    const { flow } = this.find(name);
    const { engine } = this.#options;
    const body = engine.history.entry(offset, false)?.body as unknown as EndedBody | undefined;
    const written = (body?.action === 'ended' && body.flow === name ? body.items : []).filter(
      ({ kind, group }) => kind === 'written' && (only.length === 0 || only.includes(group)),
    );
    const problems = written.map((item) => {
      const delivery =
        item.begun === undefined ? null : begunItem({ engine }, item.begun, item.group);
      if (readGroup(engine.reader, name, item.group)?.last !== offset) {
        return 'The record was written again since; take the newest delivery back first.';
      }
      return undoProblem(flow, delivery);
    });
    const problem =
      flow.write === 'live' ? problems.find((text) => text !== null) : 'The flow only shows.';
    if (written.length === 0 || typeof problem === 'string') {
      throw new HeadraceError('conflict', problem ?? 'There is no such delivery.', {
        code: 'E_FLOW_UNDO',
        hint: `GET /v1/flows/${name}/deliveries lists what was written, and what can be taken back.`,
      });
    }
    for (const { group, begun } of written) {
      const groups = [group];
      await this.#act('flow-undo', actor, name, { groups, delivery: begun as number });
    }
    return written.length;
  }

  /**
   * Takes groups through a flow as a delivery would, and writes nothing.
   *
   * @param isRead Whether the target is asked what it has.
   */
  async test(
    name: string,
    choice: TrialChoice,
    isRead: boolean,
  ): Promise<{ readonly faults: readonly TrialFault[]; readonly trials: readonly Trial[] }> {
    const runner = this.find(name);
    const { flow } = runner;
    const { engine, clock, leading, folder = null } = this.#options;
    const { groups, faults } =
      'records' in choice
        ? sampleGroups(flow, leading, choice.records)
        : { groups: this.#storedGroups(flow, choice), faults: [] };
    const trials = await tryGroups(
      {
        ...{ flow, folder, now: clock.now(), reference: referenceOf(engine, flow) },
        isRehearsal: runner.state().run?.phase === 'rehearsing',
        doubtsOf: 'records' in choice ? undefined : this.#options.doubtsOf,
        read: isRead
          ? (records) => flow.sink.read(engine.target(flow.target).context, records)
          : null,
      },
      groups.map(({ group, state }) => ({
        group,
        // What is known of a group holds for a sample of it, too.
        state: readGroup(engine.reader, name, group.key) ?? state,
      })),
    );
    return { faults, trials };
  }

  #storedGroups(flow: Flow, choice: Exclude<TrialChoice, { records: unknown }>): TrialGroup[] {
    const { reader } = this.#options.engine;
    const names =
      'groups' in choice
        ? [...new Set(choice.groups)]
        : recentGroups(reader, flow.name, choice.recent);
    const states = readGroups(reader, flow.name, names);
    const unknown = names.find((group) => !states.has(group));
    if (unknown !== undefined) throw noGroup(flow.name, unknown);
    return [...assemble(this.#options, flow, names)].map(([group, assembled]) => ({
      group: assembled,
      state: states.get(group) ?? freshGroup,
    }));
  }

  /** Groups of a lane, in order. */
  lane(name: string, lane: 'due' | 'held' | 'parked' | 'waiting', limit: number): string[] {
    this.find(name);
    const { reader } = this.#options.engine;
    const lanes = lane === 'held' ? (['held', 'rehearsed', 'contested'] as const) : [lane];
    return lanes
      .flatMap((one) => lanePlaces(reader, name, one, { limit }))
      .sort()
      .slice(0, limit)
      .map(groupAt);
  }

  async #inChunks(
    action: FlowAction,
    actor: Actor,
    name: string,
    groups: readonly string[],
  ): Promise<number> {
    for (let at = 0; at < groups.length; at += chunkMax) {
      await this.#act(action, actor, name, { groups: groups.slice(at, at + chunkMax) });
    }
    return groups.length;
  }

  async #act(action: FlowAction, actor: Actor, name: string, body: JsonObject = {}) {
    this.find(name);
    if (actor.isDry === true) return;
    await this.#options.engine.control(actor.principal, action, { flow: name, ...body });
  }
}

function noGroup(flow: string, group: string): HeadraceError {
  return new HeadraceError('conflict', `${flow} has no group ${group}.`, {
    code: 'E_NO_GROUP',
    hint: 'Groups have names like variant/SKU-1; the differences of a flow show some.',
  });
}
