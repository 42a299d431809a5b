/**
 * Plans a step: from a batch of arrivals to journal entries and folded rows, as bytes for the
 * writer. Reads in bulk first, then decides in order; nothing here waits for the disk.
 */
import {
  type Change,
  type Clock,
  type JsonObject,
  type Random,
  splitPersonal,
} from '@headrace/sdk';
import {
  type EntryHeader,
  encodeHeader,
  type KeyRing,
  keyedHash,
  plainHash,
  seal,
} from '../audit/index.js';
import { BatchEncoder, type PlannedBatch, type StoreReader } from '../storage/index.js';
import type { Arrival, StreamRuntime } from './arrival.js';
import { DataKeys } from './data-keys.js';
import { absenceAfter, judge, Sightings, type Verdict } from './fence.js';
import type { Fold, FoldInput } from './fold.js';
import { FoldRunner } from './fold-runner.js';
import { type HeaderParts, headerOf } from './header-parts.js';
import { numberBytes, readPosition } from './position.js';
import { isStorableKey, type Preparation, type Prepared } from './prepare.js';
import {
  entryStateKey,
  type PreparedGroup,
  prepareGroup,
  unreadableKey,
} from './prepared-group.js';
import { RecordCounts } from './record-counts.js';
import {
  mapRecord,
  type Normalizer,
  placeOf,
  type RecordState,
  stateKeyOf,
} from './record-fold.js';
import { attempt, replayedRecord } from './replay-waiting.js';
import { excerpt, quarantineHandle, sealedFor } from './sealed-part.js';
import { Slicer } from './slicer.js';

export interface PlannerOptions {
  readonly reader: StoreReader;
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  readonly folds: readonly Fold[];
  readonly normalizer: Normalizer;
  /** Rows of each table kept in memory. */
  readonly slotsMax?: number;
  /** Lets other work run; planning calls it when a slice is over. */
  readonly pause?: () => Promise<void>;
  readonly sliceMs?: number;
  /** Whether keys of a stream are asked for at all: a mark nobody acts on would wait for ever. */
  readonly isAsked?: (source: string, stream: string) => boolean;
  /** Told of keys that a journaled record's change also changes; they are already marked. */
  readonly touched?: (source: string, change: Change, seq: number, noticedAt: number) => void;
}

export interface PlanCounts {
  journaled: number;
  duplicate: number;
  stale: number;
  unreadable: number;
  unmapped: number;
}

export interface Plan extends PlannedBatch {
  readonly inputs: readonly FoldInput[];
  readonly endOffset: number;
  /** Told about duplicate event ids once the batch is durable. */
  readonly eventIds: readonly {
    readonly count: number;
    readonly tell: (positions: readonly number[]) => void;
  }[];
}

const emptyBody = new Uint8Array();
const zeros = Buffer.alloc(16);
const dayMs = 86_400_000;
/** How far a system's clock may be behind ours. */
const recentMs = 3_600_000;
/** Keys looked up by one statement. */
const prefetchMax = 16;

export class Planner {
  readonly sightings = new Sightings();
  readonly recordCounts: RecordCounts;
  readonly counts: PlanCounts = {
    journaled: 0,
    duplicate: 0,
    stale: 0,
    unreadable: 0,
    unmapped: 0,
  };
  readonly #options: PlannerOptions;
  readonly #runner: FoldRunner;
  readonly #dataKeys: DataKeys;
  readonly #encoder = new BatchEncoder();
  readonly #keysEncoder = new BatchEncoder();
  #batch = 0;
  #lastPlanned = 0;
  #lastDurable = 0;
  #nextOffset: number;
  #knownAt: number;
  #seq: number;

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#runner = new FoldRunner(
      options.reader,
      options.folds,
      options.normalizer,
      options.slotsMax ?? 1024,
    );
    this.#dataKeys = new DataKeys(options.reader, options.ring, options.random);
    this.recordCounts = new RecordCounts(options.reader);
    const position = readPosition(options.reader);
    this.#nextOffset = position.nextOffset;
    this.#knownAt = position.knownAt;
    this.#seq = position.seq;
  }

  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** The next number of the one sequence that orders reads and marks. */
  takeSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** What can be done of a group, any number ahead, before it is its turn to be planned. */
  prepare(arrivals: readonly Arrival[]): Promise<PreparedGroup> {
    return prepareGroup(arrivals, this.#options.ring.storeKey, this.#slicer());
  }

  /** Of these handles, the ones whose data keys the store will be asked for. */
  keysToFind(subjects: PreparedGroup['subjects']): Uint8Array[] {
    return this.#dataKeys.unknownOf(subjects);
  }

  async plan(arrivals: readonly Arrival[] | PreparedGroup): Promise<Plan> {
    const group = 'preparations' in arrivals ? arrivals : await this.prepare(arrivals);
    this.#batch += 1;
    this.sightings.begin(this.#batch);
    const slice = this.#slicer();
    await this.#prefetch(group, slice);
    const inputs: FoldInput[] = [];
    const eventIds: Plan['eventIds'][number][] = [];
    for (const [index, arrival] of group.arrivals.entries()) {
      const subject = group.subjects[index] ?? null;
      this.#take(arrival, group.preparations[index] ?? null, subject, inputs, eventIds);
      if (slice.isOver()) await slice.pause();
    }
    for (const records of this.#runner.foldLaterParts(inputs, this.#batch)) {
      if (slice.isOver(records)) await slice.pause();
    }
    for (const _row of this.#runner.flushRows(this.#encoder, this.#batch)) {
      if (slice.isOver()) await slice.pause();
    }
    this.recordCounts.flush(this.#encoder);
    if (group.arrivals.length > 0) this.#encoder.meta('seq', numberBytes(this.#seq));
    const after = this.#lastPlanned;
    this.#lastPlanned = this.#batch;
    return {
      number: this.#batch,
      after,
      inputs,
      eventIds,
      endOffset: this.#nextOffset,
      main: this.#encoder.finish(),
      keys: this.#keysEncoder.size === 0 ? null : this.#keysEncoder.finish(),
      plannedAt: this.#options.clock.now(),
    };
  }

  /** The batch is on disk: its rows may leave memory, its keys are in the store. */
  durable(batch: number, spare?: ArrayBuffer): void {
    if (spare !== undefined) this.#encoder.reuse(spare);
    this.#lastDurable = batch;
    this.#runner.evict(batch);
    this.#dataKeys.durable(batch);
    this.sightings.durable(batch);
  }

  /** A commit failed: take up again from what is on disk. */
  reset(): void {
    this.#lastPlanned = this.#lastDurable;
    this.#runner.reset();
    this.#dataKeys.reset();
    this.sightings.takeBack();
    this.recordCounts.reset();
    const position = readPosition(this.#options.reader);
    this.#nextOffset = position.nextOffset;
    this.#knownAt = position.knownAt;
  }

  /** Keys were destroyed in the store; forget copies. */
  forgetKeys(): void {
    this.#dataKeys.forget();
  }

  #slicer(): Slicer {
    return new Slicer(this.#options.clock, this.#options.pause, this.#options.sliceMs);
  }

  async #prefetch({ sources, stateKeys }: PreparedGroup, slice: Slicer): Promise<void> {
    this.#runner.prefetchReferences(sources, this.#batch);
    // Rows of old records lie anywhere in the file, so a read may wait for the disk: a few at a time,
    // or a whole batch of them would hold up everybody else on this thread.
    for (let at = 0; at < stateKeys.length; at += prefetchMax) {
      this.#runner.prefetchRecords(stateKeys.slice(at, at + prefetchMax), this.#batch);
      if (slice.isOver(prefetchMax)) await slice.pause();
    }
  }

  #take(
    arrival: Arrival,
    preparation: Preparation | null,
    subject: Uint8Array | null,
    inputs: FoldInput[],
    eventIds: Plan['eventIds'][number][],
  ): void {
    switch (arrival.kind) {
      case 'effects':
        arrival.apply(this.#encoder, this.#keysEncoder, this.#dataKey);
        if (arrival.eventIds !== undefined) {
          eventIds.push({ count: arrival.eventIds, tell: arrival.duplicates ?? (() => undefined) });
        }
        return;
      case 'entry':
        inputs.push(this.#entry(arrival));
        return;
      case 'absence':
        this.#absence(arrival, inputs);
        return;
      case 'replay':
        this.#replay(arrival, preparation, subject, inputs);
        return;
      case 'record':
        this.#record(arrival, preparation as Preparation, subject, inputs);
    }
  }

  #entry(arrival: Arrival & { kind: 'entry' }): FoldInput {
    const body = Buffer.from(JSON.stringify(arrival.body));
    const hash = plainHash(body);
    const isDecision = arrival.entry === 'decision';
    const header = this.#header({
      kind: arrival.entry,
      source: arrival.source,
      stream: arrival.stream,
      key: arrival.key ?? '',
      // Of two decisions on one thing the later stands, so each has a number of its own.
      readSeq: arrival.readSeq ?? (isDecision ? this.takeSeq() : this.#seq),
      previous: isDecision ? (this.#runner.record(entryStateKey(arrival))?.last ?? null) : null,
      hash,
      id: plainHash(`${arrival.entry}\0${arrival.source}\0${arrival.stream}\0${this.#nextOffset}`),
    });
    this.#append(header, body, null);
    return this.#runner.foldFirst(header, arrival.body);
  }

  #absence(arrival: Arrival & { kind: 'absence' }, inputs: FoldInput[]): void {
    const { stream, key, readSeq, times } = arrival;
    const stateKey = stateKeyOf(stream.source, stream.stream, key);
    const verdict = judge(
      stateKey,
      this.#runner.record(stateKey),
      { version: null, readSeq, hash: '', missing: true, times },
      this.sightings,
      stream.spec.versionOrder ?? 'text',
    );
    this.#count(verdict);
    if (verdict === 'journal') {
      this.#gone(stream, key, readSeq, times, inputs);
      this.#touch(stream, stream.spec.touchesWhenGone?.(key) ?? []);
    }
    arrival.planned?.(verdict, this.#runner.recordId(stateKey), key);
  }

  #gone(
    stream: StreamRuntime,
    key: string,
    readSeq: number,
    times: (Arrival & { kind: 'absence' })['times'],
    inputs: FoldInput[],
  ): void {
    const stateKey = stateKeyOf(stream.source, stream.stream, key);
    const header = this.#header({
      kind: 'record',
      gone: true,
      previous: this.#runner.record(stateKey)?.last ?? null,
      source: stream.source,
      stream: stream.stream,
      key,
      readSeq,
      ...times,
      hash: zeros,
      id: plainHash(`gone\0${stateKey}\0${readSeq}`),
    });
    this.#append(header, emptyBody, null);
    inputs.push(this.#runner.foldFirst(header, null));
  }

  #record(
    arrival: Arrival & { kind: 'record' },
    preparation: Preparation,
    subject: Uint8Array | null,
    inputs: FoldInput[],
  ): void {
    const { stream, readSeq } = arrival;
    const isPersonal = stream.personal !== null;
    const unreadable = preparation.ok ? null : preparation.value;
    const prepared = preparation.ok ? preparation.value : null;
    const { storeKey } = this.#options.ring;
    // Broken bytes may be anybody's, so they are treated as personal whatever the stream says.
    const hash =
      isPersonal || prepared === null
        ? keyedHash(storeKey, arrival.bytes)
        : plainHash(arrival.bytes);
    const key = prepared?.key ?? unreadableKey(storeKey, arrival.bytes);
    const version = prepared?.version ?? null;
    const stateKey = stateKeyOf(stream.source, stream.stream, key);
    const before = this.#runner.record(stateKey);
    const verdict = judge(
      stateKey,
      before,
      { version, readSeq, hash: hash.toString('hex'), missing: false },
      this.sightings,
      stream.spec.versionOrder ?? 'text',
    );
    this.#count(verdict);
    if (verdict === 'journal' || verdict === 'journal-then-gone') {
      const name = `${stateKey}\0${version ?? readSeq}`;
      const common = {
        kind: 'record',
        previous: before?.last ?? null,
        source: stream.source,
        stream: stream.stream,
        key,
        version,
        readSeq,
        snapshot: arrival.snapshot,
        imputed: arrival.isBackfill === true,
        replayed: arrival.isReplay === true,
        ...arrival.times,
        hash,
        id: isPersonal ? keyedHash(storeKey, name) : plainHash(name),
      } as const;
      const input =
        prepared === null
          ? this.#unreadable(arrival, common, unreadable as NonNullable<typeof unreadable>)
          : this.#readable(arrival, common, prepared, subject);
      inputs.push(input);
      if (before === undefined && prepared !== null) {
        this.recordCounts.add(`${stream.source}/${stream.stream}`);
      }
      if (prepared !== null && isNews(arrival, prepared, before)) {
        this.#touch(stream, prepared.touches);
      }
      if (verdict === 'journal-then-gone') {
        const { gone, goneTimes } = absenceAfter(stateKey, this.sightings);
        this.#gone(stream, key, gone, goneTimes ?? arrival.times, inputs);
      }
    }
    arrival.planned?.(verdict, this.#runner.recordId(stateKey), key);
    if (before?.into !== undefined) this.#stillShown(arrival, before.into, verdict);
  }

  /**
   * A read showed the bytes again that a correction turned into a record: that one is there still,
   * though no read will ever show its key.
   */
  #stillShown(arrival: Arrival & { kind: 'record' }, key: string, verdict: Verdict): void {
    const { source, stream } = arrival.stream;
    const stateKey = stateKeyOf(source, stream, key);
    this.sightings.note(stateKey, { seen: arrival.readSeq });
    this.#runner.prefetchRecords([stateKey], this.#batch);
    arrival.planned?.(verdict, this.#runner.recordId(stateKey), key);
  }

  /**
   * States again what waits in quarantine, with the rank of what it was: a state the source has sent
   * since stands, and bytes that it sends once more are known. What still cannot be used is left.
   */
  #replay(
    arrival: Arrival & { kind: 'replay' },
    preparation: Preparation | null,
    subject: Uint8Array | null,
    inputs: FoldInput[],
  ): void {
    const { waiting, planned } = arrival;
    const of = waiting.header;
    const before = this.#runner.record(stateKeyOf(of.source, of.stream, of.key));
    if (placeOf(before, of.readSeq, Buffer.from(of.hash).toString('hex')) < 0) {
      planned({ kind: 'settled' });
      return;
    }
    const tried = attempt(arrival, preparation, subject, (header, body) =>
      mapRecord(header, body, this.#options.normalizer, this.#runner.reference(of.source)),
    );
    if (!tried.ok) {
      planned({ kind: 'failed', code: tried.code, message: tried.message });
      return;
    }
    const { rows, business, personal } = tried;
    const record = replayedRecord(arrival);
    const place = {
      offset: this.#nextOffset,
      knownAt: this.#now(),
      previous: before?.last ?? null,
    };
    if (of.unreadable && record !== null) {
      // What could be read goes in as a record of its own, and what stood for its bytes is done.
      this.#record(record, preparation as Preparation, subject, inputs);
      const now = { offset: this.#nextOffset, knownAt: this.#now() };
      const header = { ...of, ...place, ...now, unreadable: false, replayed: true, subject: null };
      const into: JsonObject = { into: preparation?.ok ? preparation.value.key : '' };
      this.#append(header, JSON.stringify(into), null);
      inputs.push(this.#runner.foldFirst(header, into));
    } else {
      const header = { ...tried.header, ...place };
      const sealed =
        personal === null ? this.#kept(waiting) : this.#seal(header, JSON.stringify(personal));
      const body = record === null ? waiting.body : JSON.stringify(business);
      this.#append(header, body, sealed);
      inputs.push(this.#runner.foldFirst(header, business));
    }
    planned({ kind: 'replayed', rows });
  }

  /** The sealed part as it came: a replay has the id and the hash it is bound to. */
  #kept({ header, sealed }: (Arrival & { kind: 'replay' })['waiting']): Uint8Array | null {
    if (sealed === null || header.subject === null) return null;
    return this.#dataKey(header.subject) === null ? null : sealed;
  }

  /** Other records of the source change with this one without telling; they are marked with it. */
  #touch(stream: StreamRuntime, changes: readonly Change[]): void {
    const { isAsked } = this.#options;
    for (const change of changes) {
      if (!isStorableKey(change.key)) continue;
      if (isAsked?.(stream.source, change.stream) === false) continue;
      const seq = this.takeSeq();
      const noticedAt = this.#knownAt;
      this.#encoder.dirty(`${stream.source}/${change.stream}`, change.key, seq, noticedAt);
      this.#options.touched?.(stream.source, change, seq, noticedAt);
    }
  }

  #readable(
    arrival: Arrival & { kind: 'record' },
    common: HeaderParts,
    prepared: (Preparation & { ok: true })['value'],
    subject: Uint8Array | null,
  ): FoldInput {
    const { stream } = arrival;
    const parts = { ...common, gone: prepared.gone, eventAt: prepared.eventAt };
    if (stream.personal === null) {
      return this.#mapped(this.#header(parts), prepared.record, arrival.bytes, null);
    }
    const { business, personal } = splitPersonal(prepared.record, stream.personal);
    const unnamed = prepared.person === null;
    const header = this.#header({ ...parts, subject: subject as Uint8Array, unnamed });
    const sealed = personal === null ? null : this.#seal(header, JSON.stringify(personal));
    return this.#mapped(header, business, JSON.stringify(business), sealed);
  }

  /** Folded first: whether the mapping can use a record is a part of its entry. */
  #mapped(
    header: EntryHeader,
    record: JsonObject,
    body: Uint8Array | string,
    sealed: Uint8Array | null,
  ): FoldInput {
    const input = this.#runner.foldFirst(header, record);
    const state = this.#runner.record(stateKeyOf(header.source, header.stream, header.key));
    const unmapped = state?.fault != null && state.offset === header.offset;
    if (unmapped) this.counts.unmapped += 1;
    const said = unmapped ? { ...header, unmapped } : header;
    this.#append(said, body, sealed);
    return unmapped ? { ...input, header: said } : input;
  }

  #unreadable(
    arrival: Arrival & { kind: 'record' },
    common: HeaderParts,
    reason: { readonly code: string; readonly message: string },
  ): FoldInput {
    this.counts.unreadable += 1;
    const { bytes, stream } = arrival;
    const day = Math.floor(this.#now() / dayMs);
    const subject = quarantineHandle(this.#options.ring, stream.source, stream.stream, day);
    const body: JsonObject = {
      ...reason,
      bytes: bytes.byteLength,
      ...(arrival.spill === undefined ? {} : { spill: arrival.spill }),
    };
    const header = this.#header({ ...common, unreadable: true, subject });
    const sealed = this.#seal(header, excerpt(bytes));
    this.#append(header, Buffer.from(JSON.stringify(body)), sealed);
    return this.#runner.foldFirst(header, body);
  }

  readonly #dataKey = (handle: Uint8Array): Uint8Array | null =>
    this.#dataKeys.forSealing(handle, this.#keysEncoder, this.#batch);

  #seal(header: EntryHeader, plain: string | Uint8Array): Uint8Array | null {
    const key = this.#dataKey(header.subject as Uint8Array);
    if (key === null) return null;
    return seal(key, plain, sealedFor(header), this.#options.random);
  }

  #now(): number {
    this.#knownAt = Math.max(this.#knownAt, this.#options.clock.now());
    return this.#knownAt;
  }

  #header(parts: HeaderParts): EntryHeader {
    return headerOf(parts, this.#nextOffset, this.#now());
  }

  #append(header: EntryHeader, body: Uint8Array | string, sealed: Uint8Array | null): void {
    this.#encoder.journal(header.offset, encodeHeader(header), body, sealed);
    this.#nextOffset += 1;
  }

  #count(verdict: Verdict): void {
    if (verdict === 'duplicate' || verdict === 'stale') this.counts[verdict] += 1;
    else this.counts.journaled += 1;
  }
}

/**
 * Whether a record tells of a change that others may have to be read again for. What a pass finds
 * first, the next poll shows as known already, so a pass has to say it: not of records whose other
 * fields are read since, nor of all there ever was.
 */
function isNews(
  { snapshot, isBackfill, times }: Arrival & { kind: 'record' },
  { version, eventAt }: Pick<Prepared, 'version' | 'eventAt'>,
  before: RecordState | undefined,
): boolean {
  if (!snapshot) return true;
  if (isBackfill === true) return eventAt !== null && eventAt > (times.readAt ?? 0) - recentMs;
  return before === undefined || version === null || version !== before.version;
}
