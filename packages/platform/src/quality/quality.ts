/**
 * Quality as it stands: checks, readiness of inputs, differences between systems, read from what the
 * fold keeps and from the running streams. Freshness is asked of the clock at the moment of the
 * question, so an input turns when its limit is over and not at the next minute.
 */
import type { Clock, EntityName } from '@headrace/sdk';
import type { Engine } from '../engine/index.js';
import {
  type CheckName,
  type CheckRow,
  checkNames,
  isQuietAt,
  quietReason,
  type WatchedStream,
} from './check-row.js';
import { aheadOf, seconds } from './checks.js';
import { checkTable } from './checks-part.js';
import type { Contract } from './contracts.js';
import { gapIndex } from './coverage.js';
import { jumpText, type StandingSuspect, suspectOf, suspectsIn } from './doubts.js';
import { type PairSpec, pairKeyOf } from './pairs.js';
import {
  type ComponentScore,
  freshnessScore,
  type GateInput,
  type InputScore,
  inputScore,
  judge,
  type Verdict,
} from './readiness.js';
import { type DifferingKey, Reconciler, type Reconciliation } from './reconcile.js';
import { completeness, fullScore, validity } from './scores.js';
import { type StreamFacts, streamFactsTable } from './stream-facts.js';
import { badIndex, type Suspect, type ValueFacts, valueFactsTable } from './value-facts.js';
import type { Watch } from './watch.js';

export interface QualityOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly watch: Watch;
}

export interface CheckAnswer extends Omit<CheckRow, 'points' | 'bad'> {
  readonly points: readonly {
    readonly at: number;
    readonly value: number;
    readonly state: string;
  }[];
}

export interface CheckQuery {
  readonly check?: string | undefined;
  readonly target?: string | undefined;
  readonly state?: string | undefined;
}

const sampleMax = 10;

export class Quality {
  readonly reconciler: Reconciler;
  readonly watch: Watch;
  readonly #engine: Engine;
  readonly #clock: Clock;

  constructor({ engine, clock, watch }: QualityOptions) {
    this.#engine = engine;
    this.#clock = clock;
    this.watch = watch;
    this.reconciler = new Reconciler({
      ...{ reader: engine.reader, streams: watch.streams, pairs: watch.pairs },
    });
  }

  now(): number {
    return this.#clock.now();
  }

  /** Every check of every target, with its series; worst first. */
  checks(query: CheckQuery = {}): CheckAnswer[] {
    const now = this.now();
    const rows = [...this.#engine.reader.tableAll(checkTable.name)].map(
      ({ value }) => JSON.parse(value) as CheckRow,
    );
    return rows
      .map((row) => this.#fresh(row, now))
      .filter(
        ({ check, target, state }) =>
          (query.check === undefined || check === query.check) &&
          (query.target === undefined || target === query.target) &&
          (query.state === undefined || state === query.state),
      )
      .sort((x, y) => order[x.state] - order[y.state] || orderOf(x.check) - orderOf(y.check))
      .map(({ points, bad: _bad, ...row }) => ({
        ...row,
        evidence: this.#evidenceOf(row),
        points: points.map(([at, value, state]) => ({ at, value, state })),
      }));
  }

  /** Scores of every connected input. */
  inputs(): InputScore[] {
    const checks = this.#checksByTarget();
    return this.watch.streams.map((stream) => this.#inputOf(stream, checks));
  }

  /**
   * The score of one entity of one source, also of one key of it: what is suspect or contradicted
   * there counts for that key alone.
   */
  input(stream: WatchedStream, entity: EntityName, key: string | null): InputScore {
    const whole = this.#inputOf(stream, this.#checksByTarget(), entity);
    if (key === null) return whole;
    const components = whole.components.map((component) =>
      this.#ofKey(component, stream, entity, key),
    );
    return inputScore({ ...whole, components });
  }

  /** Whether something that needs these entities may be served now. */
  gate(
    needs: readonly {
      readonly entity: EntityName;
      readonly key?: string;
      readonly source?: string;
      readonly optional?: boolean;
    }[],
    hasFallback = false,
  ): { readonly verdict: Verdict; readonly inputs: readonly InputScore[] } {
    const inputs = needs.flatMap(({ entity, key, source, optional }): GateInput[] =>
      this.streamsOf(entity, source).map((stream) => ({
        score: this.input(stream, entity, key ?? null),
        isRequired: optional !== true,
      })),
    );
    const verdict = judge(inputs, { hasFallback });
    return { verdict, inputs: inputs.map(({ score }) => score) };
  }

  /** The streams that tell of an entity: of the given source, else of the one that leads. */
  streamsOf(entity: EntityName, source?: string): WatchedStream[] {
    const all = this.watch.streams.filter(({ entities }) => entities.includes(entity));
    if (source !== undefined) return all.filter((stream) => stream.source === source);
    const [lead] = this.watch.leadingOf(
      entity,
      all.map((stream) => stream.source),
    );
    return all.filter((stream) => stream.source === lead);
  }

  /**
   * Why nothing that rests on these entities may be written to `target` now: what the others say of
   * them is older than its contract allows, or dated ahead of now. Null when it may.
   */
  writeHold(entities: readonly EntityName[], target: string): string | null {
    for (const entity of entities) {
      const all = this.watch.streams.filter(
        (stream) => stream.source !== target && stream.entities.includes(entity),
      );
      const sources = all.map(({ source }) => source);
      const [lead] = this.watch.leadingOf(entity, sources);
      for (const stream of all.filter(({ source }) => source === lead)) {
        const { maxAgeMs } = this.#contractOf(stream, entity);
        const ageMs = this.ageOf(stream);
        const name = `${stream.source}/${stream.stream}`;
        const facts = this.#row<StreamFacts>(streamFactsTable.name, name);
        const ahead = facts === null ? null : aheadOf(facts, this.now());
        if (ahead !== null) return `${name}: ${ahead} Look at the clock of ${stream.source}.`;
        if (ageMs === null || ageMs < maxAgeMs) continue;
        return `${name} was last known whole ${seconds(ageMs)} ago; after ${seconds(maxAgeMs)} nothing is written on it.`;
      }
    }
    return null;
  }

  pair(name: string): PairSpec | null {
    return this.watch.pairs.find((pair) => pair.name === name) ?? null;
  }

  reconcile(pair: PairSpec, limit?: number): Reconciliation {
    return this.reconciler.reconcile(pair, this.now(), limit);
  }

  /** The suspect value of a key, while it is one; a price is so even when it has ended. */
  suspect(entity: EntityName, key: string, source: string): Suspect | null {
    return suspectOf(this.#engine.reader, { entity, key, source }, { now: this.now() });
  }

  /** Of one `source/stream`, or of all. */
  *suspects(target?: string): Iterable<StandingSuspect> {
    const now = this.now();
    for (const { source, stream } of this.watch.streams) {
      const name = `${source}/${stream}`;
      if (target === undefined || target === name)
        yield* suspectsIn(this.#engine.reader, name, now);
    }
  }

  /** A person says that a suspect value is right. */
  async confirm(
    entity: EntityName,
    key: string,
    source: string,
    principal: string,
  ): Promise<boolean> {
    const suspect = this.suspect(entity, key, source);
    if (suspect === null) return false;
    const stream = suspect.record.split('/')[1] ?? '';
    await this.#engine.control(principal, 'confirm-value', { entity, key, source, stream });
    return true;
  }

  ageOf({ source, stream }: { readonly source: string; readonly stream: string }): number | null {
    const runner = this.#engine.runners.get(`${source}/${stream}`);
    if (runner === undefined || !runner.health.backfilled) return null;
    const now = this.now();
    const behindMs = runner.health.behindMs(now, runner.oldestNotice);
    if (runner.health.hasCaughtUp) return behindMs;
    // No read has come to its end since the start: it is as old as it was before, and older by the rest.
    const facts = this.#row<StreamFacts>(streamFactsTable.name, `${source}/${stream}`);
    return facts?.through == null ? behindMs : Math.max(behindMs, now - facts.through);
  }

  #inputOf(
    stream: WatchedStream,
    checks: ReadonlyMap<string, readonly CheckRow[]>,
    entity: EntityName = stream.entities[0] ?? 'product',
  ): InputScore {
    const name = `${stream.source}/${stream.stream}`;
    const contract = this.#contractOf(stream, entity);
    const ageMs = this.ageOf(stream);
    const own = checks.get(name) ?? [];
    const facts = this.#row<StreamFacts>(streamFactsTable.name, name);
    const values = this.#row<ValueFacts>(valueFactsTable.name, name);
    const components = [
      this.#freshness(stream, ageMs, contract.sloMs, contract.maxAgeMs),
      completeness(facts, own, contract.completeMicro),
      this.#consistency(stream, checks),
      validity(facts, values, own, this.now()),
    ];
    const turned = own.filter(({ state }) => state === 'alarm').map(({ since }) => since);
    return inputScore({
      ...{
        input: name,
        entity,
        source: stream.source,
        ageMs,
        maxAgeMs: contract.maxAgeMs,
        components,
      },
      since: turned.length === 0 ? null : Math.min(...turned),
    });
  }

  #contractOf({ source, stream, everyMs }: WatchedStream, entity: EntityName): Contract {
    return this.watch.contracts.of({ entity, source, stream, everyMs });
  }

  #freshness(
    stream: WatchedStream,
    ageMs: number | null,
    sloMs: number,
    maxAgeMs: number,
  ): ComponentScore {
    const score = freshnessScore(ageMs, sloMs, maxAgeMs);
    if (score === 1) return { component: 'freshness', ...fullScore };
    const quiet = quietReason(stream, this.now());
    const why =
      ageMs === null
        ? 'It was not read whole yet.'
        : `Last known whole ${seconds(ageMs)} ago; the limit is ${seconds(maxAgeMs)}.${quiet === null ? '' : ` ${quiet}`}`;
    return { component: 'freshness', score, why, evidence: [] };
  }

  #consistency(
    { source, stream }: WatchedStream,
    checks: ReadonlyMap<string, readonly CheckRow[]>,
  ): ComponentScore {
    const pairs = this.watch.pairs.filter(
      ({ a, b }) =>
        (a.source === source && a.stream === stream) ||
        (b.source === source && b.stream === stream),
    );
    let worst: ComponentScore = { component: 'consistency', ...fullScore };
    for (const pair of pairs) {
      const row = checks.get(pair.name)?.find(({ check }) => check === pair.kind);
      if (row === undefined || row.state !== 'alarm') continue;
      const compared = Math.max(1, Number(/of (\d+) keys/.exec(row.why ?? '')?.[1] ?? 1));
      const score = Math.max(0, 1 - row.value / compared);
      if (score >= worst.score) continue;
      worst = { component: 'consistency', score, why: row.why, evidence: row.evidence };
    }
    return worst;
  }

  #ofKey(
    whole: ComponentScore,
    { source, stream }: WatchedStream,
    entity: EntityName,
    key: string,
  ): ComponentScore {
    const name = `${source}/${stream}`;
    if (whole.component === 'validity') {
      const suspect = this.suspect(entity, key, source);
      if (suspect === null) return this.#validityOfOthers(name, whole);
      const why = jumpText(suspect);
      return { component: 'validity', score: 0, why, evidence: [suspect.record] };
    }
    if (whole.component !== 'consistency') return whole;
    const found = this.#contradiction(source, entity, key);
    if (found === null) return { component: 'consistency', ...fullScore };
    const why = `${found.hop}: ${found.a} against ${found.b ?? 'nothing'}. ${found.why}`;
    const evidence = [found.records.a, found.records.b].filter((one) => one !== null);
    return { component: 'consistency', score: 0, why, evidence };
  }

  /** Suspect values of other keys say nothing about this one. */
  #validityOfOthers(name: string, whole: ComponentScore): ComponentScore {
    const values = this.#row<ValueFacts>(valueFactsTable.name, name);
    if (values === null || values.suspects === 0) return whole;
    const facts = this.#row<StreamFacts>(streamFactsTable.name, name);
    const checks = (this.#checksByTarget().get(name) ?? []).filter(
      ({ check }) => check !== 'drift',
    );
    return validity(facts, { ...values, suspects: 0 }, checks, this.now());
  }

  #contradiction(source: string, entity: EntityName, key: string): DifferingKey | null {
    for (const pair of this.watch.pairs) {
      if (pair.a.source !== source && pair.b.source !== source) continue;
      const pairKey = pairKeyOf(pair, entity, key);
      const found = pairKey === null ? null : this.reconciler.keyDiffers(pair, pairKey, this.now());
      if (found !== null) return found;
    }
    return null;
  }

  #checksByTarget(): Map<string, CheckRow[]> {
    const byTarget = new Map<string, CheckRow[]>();
    for (const { value } of this.#engine.reader.tableAll(checkTable.name)) {
      const row = JSON.parse(value) as CheckRow;
      byTarget.set(row.target, [...(byTarget.get(row.target) ?? []), row]);
    }
    return byTarget;
  }

  /** What a minute old row cannot know: that the limit is over by now. */
  #fresh(row: CheckRow, now: number): CheckRow {
    if (row.check !== 'watermark-lag') return row;
    const stream = this.watch.streams.find((one) => `${one.source}/${one.stream}` === row.target);
    const value = stream === undefined ? null : this.ageOf(stream);
    if (stream === undefined || value === null) return row;
    if (value <= stream.contract.maxAgeMs || isQuietAt(stream, now))
      return { ...row, value, at: now };
    const why = `It was last known whole ${seconds(value)} ago; after ${seconds(stream.contract.maxAgeMs)} nothing may be decided on it.`;
    const isNew = row.state !== 'alarm';
    const since = isNew ? now - (value - stream.contract.maxAgeMs) : row.since;
    return { ...row, value, limit: stream.contract.maxAgeMs, state: 'alarm', why, since, at: now };
  }

  #evidenceOf(row: Pick<CheckRow, 'check' | 'target' | 'state' | 'evidence'>): readonly string[] {
    const { reader } = this.#engine;
    if (row.check === 'coverage') return firstMembers(reader, gapIndex.name, row.target);
    if (row.check === 'references') return firstMembers(reader, gapIndex.name, 'variant');
    if (row.check === 'structure' && row.state !== 'ok') {
      return firstMembers(reader, badIndex.name, row.target);
    }
    return row.evidence;
  }

  #row<Row>(table: string, key: string): Row | null {
    const row = this.#engine.reader.row(table, key);
    return row === undefined ? null : (JSON.parse(row.value) as Row);
  }
}

const order: Readonly<Record<CheckRow['state'], number>> = {
  alarm: 0,
  watch: 1,
  quiet: 2,
  learning: 3,
  ok: 4,
};

function orderOf(check: CheckName): number {
  return checkNames.indexOf(check);
}

function firstMembers(reader: Engine['reader'], index: string, key: string): string[] {
  return reader
    .members(index, [key])
    .slice(0, sampleMax)
    .map(({ member }) => member);
}
