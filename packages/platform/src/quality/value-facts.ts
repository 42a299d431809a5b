/**
 * What the values of a stream look like, and which of them cannot be right: how often each field is
 * filled and how large its numbers are, by hour; values never seen; jumps as if a unit or a currency
 * had changed; rows whose parts do not add up.
 *
 * A jump makes the value *suspect* at once, before anything can use it, and it stays so until it
 * jumps back, goes, or a person confirms it. Prices that hold from a time on are held against those before
 * them, in `price-lines`; all else against what its record said before. What is usual is counted on at
 * most `sampleMax` records a minute of each stream, which is enough for shares and keeps a busy stream as
 * cheap as a slow one.
 */
import type { EntityName, Json } from '@headrace/sdk';
import type { FoldInput, FoldState } from '../engine/index.js';
import { type FoundJump, findJumps, isNearly, type Jump } from './jumps.js';
import { type Part, rowOf, streamOf, streamOfRecord } from './part.js';
import {
  confirmPrice,
  countEnded,
  linesIn,
  priceLineKey,
  priceLineTable,
  type SuspectCount,
  suspectIndex,
  takePrices,
} from './price-lines.js';
import { microsOf, quantityMicros, type RowFault, rowFaults } from './row-faults.js';
import { hourMs } from './stream-facts.js';
import { addHour, type ClosedFacts, type FieldFacts, type UsualFacts } from './usual-values.js';

export interface Suspect extends Jump {
  readonly source: string;
  readonly record: string;
  readonly at: number;
  readonly offset: number;
  /** Why it counts no more: it jumped back, it went, or someone confirmed it; null while it does. */
  readonly cleared: string | null;
}

export interface ValueFacts extends SuspectCount {
  minute: number;
  taken: number;
  hour: number;
  open: Record<string, FieldFacts>;
  base: Record<string, UsualFacts>;
  closed: Record<string, ClosedFacts>;
  /** Values of fields that have few, and those that were new lately. */
  enums: Record<string, string[]>;
  novel: { field: string; value: string; at: number; record: string }[];
  /** Records with faults of their own, now; and those that became so in this hour and the one before. */
  bad: number;
  badNew: number;
  badBefore: number;
  /** The last values that became suspect. */
  jumps: (Jump & { readonly at: number; readonly record: string })[];
  /** The last faults found. */
  faults: (RowFault & { readonly at: number; readonly record: string })[];
}

export const valueFactsTable = { name: 'quality_values', kind: 'keyed' } as const;
export const suspectTable = { name: 'quality_suspect', kind: 'keyed' } as const;
/** `source/stream` → state keys of records with faults of their own. */
export const badIndex = { name: 'quality_bad', kind: 'index' } as const;

const sampleMax = 30;
const enumMax = 40;
const lastKept = 10;

export function suspectKey(entity: string, key: string, source: string): string {
  return `${entity}/${key}|${source}`;
}

/** @param requiredOf Fields that a row of a stream must fill, by contract. */
export function valueFactsPart(
  streams: readonly string[],
  requiredOf: (stream: string, entity: EntityName) => readonly string[],
): Part {
  const known = new Set(streams);
  const jumpsOfInput = new WeakMap<FoldInput, readonly FoundJump[]>();
  const jumpsIn = (input: FoldInput): readonly FoundJump[] => {
    const found = jumpsOfInput.get(input) ?? findJumps(input).filter(isOfRecord);
    jumpsOfInput.set(input, found);
    return found;
  };
  return {
    tables: [valueFactsTable, suspectTable, badIndex, priceLineTable, suspectIndex],
    declareKeys(input, need) {
      const { header } = input;
      if (header.kind === 'tick') for (const name of streams) need(valueFactsTable.name, name);
      if (header.kind === 'control' && input.body?.['action'] === 'confirm-value') {
        const { entity, key, source, stream } = input.body;
        const line = priceLineKey(String(entity), String(key), String(source));
        if (line !== null) need(priceLineTable.name, line);
        else need(suspectTable.name, suspectKey(String(entity), String(key), String(source)));
        need(valueFactsTable.name, `${source}/${stream}`);
      }
      const name = streamOf(input);
      if (header.kind !== 'record' || !known.has(name)) return;
      need(valueFactsTable.name, name);
      for (const { jump } of jumpsIn(input)) {
        need(suspectTable.name, suspectKey(jump.entity, jump.key, header.source));
      }
      for (const line of linesIn(input)) need(priceLineTable.name, line);
    },
    plan(input, state) {
      const { header } = input;
      if (header.kind === 'tick') {
        for (const name of streams) closeHour(name, header.knownAt, state);
      } else if (header.kind === 'control') {
        if (input.body?.['action'] === 'confirm-value') confirm(input, state);
      } else if (header.kind === 'record' && known.has(streamOf(input))) {
        note(input, jumpsIn(input), state, (entity) => requiredOf(streamOf(input), entity));
      }
    },
  };
}

function factsIn(state: FoldState, name: string): ValueFacts {
  return rowOf<ValueFacts>(state, valueFactsTable.name, name, () => ({
    ...{ minute: 0, taken: 0, hour: 0, open: {}, base: {}, closed: {}, enums: {}, novel: [] },
    ...{ bad: 0, badNew: 0, badBefore: 0, suspects: 0, ends: {}, jumps: [], faults: [] },
  }));
}

function note(
  input: FoldInput,
  jumps: readonly FoundJump[],
  state: FoldState,
  requiredOf: (entity: EntityName) => readonly string[],
): void {
  const { header, change } = input;
  if (change === null || change.before === change.after) return;
  const name = streamOf(input);
  const facts = factsIn(state, name);
  let isTouched = takeSample(facts, input);
  for (const found of jumps) {
    if (noteJump(facts, found, input, state)) isTouched = true;
  }
  if (notePrices(facts, input, state)) isTouched = true;
  const before = rowFaults(change.before, requiredOf).length > 0;
  const faults = rowFaults(change.after, requiredOf);
  const after = faults.length > 0;
  if (before !== after) {
    facts.bad += after ? 1 : -1;
    if (after && !header.imputed) facts.badNew += 1;
    if (after) state.addMember(badIndex.name, name, change.stateKey);
    else state.dropMember(badIndex.name, name, change.stateKey);
    isTouched = true;
  }
  const [lost] = change.before;
  if (lost !== undefined && change.after.length === 0 && !header.gone && change.fault === null) {
    // It is there and says nothing any more, as when a field it is named by has another name.
    facts.badNew += 1;
    const { entity, key } = lost;
    const fault: RowFault = { kind: 'nothing', entity, key, what: 'it says nothing any more' };
    const found = { ...fault, at: header.knownAt, record: change.stateKey };
    facts.faults = [...facts.faults, found].slice(-lastKept);
    isTouched = true;
  }
  const [first] = faults;
  if (first !== undefined && !before) {
    const fault = { ...first, at: header.knownAt, record: change.stateKey };
    facts.faults = [...facts.faults, fault].slice(-lastKept);
  }
  if (isTouched) state.set(valueFactsTable.name, name, facts as never);
}

function takeSample(facts: ValueFacts, { header, change }: FoldInput): boolean {
  if (change === null || change.after.length === 0) return false;
  const minute = Math.floor(header.knownAt / 60_000);
  if (minute === facts.minute && facts.taken >= sampleMax) return false;
  if (minute !== facts.minute) Object.assign(facts, { minute, taken: 0 });
  facts.taken += 1;
  const said = new Map<string, Json>();
  for (const row of change.after) {
    for (const [field, value] of Object.entries(row.fields)) {
      const name = `${row.entity}.${field}`;
      noteEnum(facts, name, value, header.knownAt, change.stateKey);
      if ((said.get(name) ?? null) === null) said.set(name, value);
    }
  }
  // What is imported has come to its end: an order of last year is shipped, one of today is not yet. How
  // full its fields are says nothing of what is told from now on.
  if (header.imputed) return true;
  for (const entity of new Set(change.after.map((row) => row.entity))) {
    for (const field of knownFields(facts, entity)) {
      if (!said.has(field)) fieldIn(facts.open, field).n += 1;
    }
  }
  for (const [name, value] of said) noteValue(facts, name, value);
  return true;
}

/** Fields that rows of the entity had before, also when this one lacks them. */
function knownFields(facts: ValueFacts, entity: string): string[] {
  const prefix = `${entity}.`;
  const names = new Set([...Object.keys(facts.base), ...Object.keys(facts.open)]);
  return [...names].filter((name) => name.startsWith(prefix));
}

function fieldIn(fields: Record<string, FieldFacts>, name: string): FieldFacts {
  const own = fields[name] ?? { n: 0, filled: 0, sizes: {} };
  fields[name] = own;
  return own;
}

function noteValue(facts: ValueFacts, field: string, value: Json): void {
  const own = fieldIn(facts.open, field);
  own.n += 1;
  if (value === null) return;
  own.filled += 1;
  const micros = microsOf(value) ?? quantityMicros(value);
  if (micros !== null) {
    const size = sizeOf(micros);
    own.sizes[size] = (own.sizes[size] ?? 0) + 1;
  }
}

/** Fields that are lists of few values, by their names. */
const enumName = /(?:^|\.)(?:\w*[sS]tate|kind|basis|currency|method|reason)$/;

/** A field with more values than a list of states has is no list. */
function noteEnum(facts: ValueFacts, field: string, value: Json, at: number, record: string): void {
  if (typeof value !== 'string' || !enumName.test(field)) return;
  const values = facts.enums[field] ?? [];
  if (values.includes(value) || values.length > enumMax) return;
  facts.enums[field] = [...values, value];
  // In the first hours everything is new.
  if ((facts.base[field]?.n ?? 0) < 100) return;
  facts.novel = [...facts.novel, { field, value: value.slice(0, 60), at, record }].slice(-lastKept);
}

/** Three steps for each power of ten: whole numbers only, so that folding again gives the same. */
export function sizeOf(micros: bigint): string {
  if (micros === 0n) return '0';
  const digits = (micros < 0n ? -micros : micros).toString();
  const lead = digits.charCodeAt(0) - 48;
  const step = lead < 2 ? 0 : lead < 5 ? 1 : 2;
  return `${micros < 0n ? '-' : ''}${digits.length * 3 + step}`;
}

function closeHour(name: string, now: number, state: FoldState): void {
  const stored = state.get(valueFactsTable.name, name) as unknown as ValueFacts | undefined;
  const hour = Math.floor(now / hourMs);
  if (stored === undefined) return;
  if (stored.hour === hour) {
    if (countEnded(stored, now)) state.set(valueFactsTable.name, name, stored as never);
    return;
  }
  countEnded(stored, now);
  for (const [field, own] of Object.entries(stored.open)) {
    addHour(stored.base, field, own);
  }
  const badBefore = hour === stored.hour + 1 ? stored.badNew : 0;
  Object.assign(stored, { hour, closed: stored.open, open: {}, badNew: 0, badBefore });
  state.set(valueFactsTable.name, name, stored as never);
}

/** Whether a value is held against what its own record said before. */
function isOfRecord({ jump: { entity, key } }: FoundJump): boolean {
  return priceLineKey(entity, key, '') === null;
}

/** Returns whether the stream's row changed. */
function notePrices(facts: ValueFacts, input: FoldInput, state: FoldState): boolean {
  const { found, isCounted } = takePrices(input, state, facts);
  const { knownAt: at } = input.header;
  const record = input.change?.stateKey ?? '';
  facts.jumps = [...facts.jumps, ...found.map((jump) => ({ ...jump, at, record }))].slice(
    -lastKept,
  );
  return isCounted;
}

/** Returns whether the stream's row changed. */
function noteJump(
  facts: ValueFacts,
  { jump, isGone, isMove, wasKey }: FoundJump,
  { header, change }: FoldInput,
  state: FoldState,
): boolean {
  const id = suspectKey(jump.entity, jump.key, header.source);
  const standing = state.get(suspectTable.name, id) as unknown as Suspect | undefined;
  const isStanding = standing !== undefined && standing.cleared === null;
  const record = change?.stateKey ?? '';
  if (isStanding) {
    const isBack =
      isMove === true
        ? jump.field === standing.field && isNearly(jump.to, standing.from)
        : jump.to === standing.from || jump.field === standing.field;
    if (!isGone && !isBack) return false;
    const cleared = isGone ? 'it is gone' : 'it jumped back';
    state.set(suspectTable.name, id, { ...standing, cleared } as never);
    const named = `${jump.entity}/${jump.key}`;
    state.dropMember(suspectIndex.name, streamOfRecord(standing.record), named);
    facts.suspects -= 1;
    return true;
  }
  if (isGone || isMove === true) return false;
  if (wasKey !== undefined) {
    const before = state.get(suspectTable.name, suspectKey(jump.entity, wasKey, header.source));
    const { cleared, from } = (before ?? {}) as unknown as Partial<Suspect>;
    // Back in the currency it had: the suspect one is gone with it.
    if (cleared === null && from === jump.to) return false;
  }
  const suspect: Suspect = {
    ...jump,
    ...{ source: header.source, record, at: header.knownAt, offset: header.offset, cleared: null },
  };
  state.set(suspectTable.name, id, suspect as never);
  state.addMember(suspectIndex.name, streamOf({ header }), `${jump.entity}/${jump.key}`);
  facts.suspects += 1;
  facts.jumps = [...facts.jumps, { ...jump, at: header.knownAt, record }].slice(-lastKept);
  return true;
}

/** A person looked: the value is right. */
function confirm(input: FoldInput, state: FoldState): void {
  const { entity, key, source, stream, principal } = input.body ?? {};
  const line = priceLineKey(String(entity), String(key), String(source));
  if (line !== null) {
    const name = `${source}/${stream}`;
    const facts = factsIn(state, name);
    const isCounted = confirmPrice(input, state, line, { key: String(key), stream: name }, facts);
    if (isCounted) state.set(valueFactsTable.name, name, facts as never);
    return;
  }
  const id = suspectKey(String(entity), String(key), String(source));
  const standing = state.get(suspectTable.name, id) as unknown as Suspect | undefined;
  if (standing === undefined || standing.cleared !== null) return;
  const cleared = `confirmed by ${String(principal)}`;
  state.set(suspectTable.name, id, { ...standing, cleared } as never);
  const name = `${source}/${stream}`;
  state.dropMember(suspectIndex.name, name, `${entity}/${key}`);
  const facts = factsIn(state, name);
  facts.suspects -= 1;
  state.set(valueFactsTable.name, name, facts as never);
}
