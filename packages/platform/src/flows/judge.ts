/** What is to be done about one group, from what is wanted and what the target holds. Pure. */
import {
  canonicalJson,
  type Json,
  type JsonObject,
  type TargetRecord,
  type TargetState,
} from '@headrace/sdk';
import type { Doubt } from './doubts.js';
import { hashOf } from './entries.js';
import type { Flow } from './flow.js';
import {
  type Difference,
  type GroupState,
  type HoldReason,
  insistWindowMs,
} from './group-state.js';

/** So often a value somebody overwrites is written again within an hour; then a person decides. */
export const insistsMax = 3;

export interface Look {
  readonly flow: Pick<Flow, 'owns' | 'write' | 'limits' | 'sink'>;
  readonly state: GroupState;
  readonly wanted: TargetRecord;
  readonly before: TargetState | null;
  readonly now: number;
  /** Why a value it rests on cannot be right; null when none is in doubt. */
  readonly doubt?: Doubt | null;
  /** Nothing is written yet: the run is looked at as a whole first. */
  readonly isRehearsal: boolean;
}

export type Verdict =
  | {
      readonly kind: 'same';
      readonly hash: string;
      readonly fields: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'shown';
      readonly hash: string;
      readonly differences: readonly Difference[];
      /** Fields it is level in. */
      readonly fields: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'held';
      readonly hash: string;
      readonly why: HoldReason;
      readonly text: string;
      /** When it is worth another look, ms. */
      readonly until?: number;
      readonly differences: readonly Difference[];
    }
  | {
      readonly kind: 'write';
      readonly hash: string;
      readonly fields: JsonObject;
      readonly differences: readonly Difference[];
      readonly insisted: readonly string[];
      /** Fields left alone because someone keeps writing another value. */
      readonly contested: readonly string[];
    };

export function judge(look: Look): Verdict {
  const { flow, state, wanted, before, now } = look;
  const hash = hashOf(wanted.fields);
  const all = differencesOf(flow, wanted, before);
  const own = all.filter(({ isForeign }) => isForeign !== true);
  if (own.length === 0) {
    const fields = hashesOf(ownOf(flow, wanted.fields));
    if (all.length > 0) return { kind: 'shown', hash, differences: all, fields };
    return { kind: 'same', hash, fields };
  }
  if (flow.write === 'shadow') return { kind: 'shown', hash, differences: all, fields: {} };
  if (state.undone === hash) {
    return held(hash, all, 'undone', 'a person took this delivery back');
  }
  const isApproved = state.approved === hash;
  if (look.doubt != null && !isApproved) {
    const { text, until } = look.doubt;
    return { ...held(hash, all, 'suspect', text), ...(until === null ? {} : { until }) };
  }
  const guarded = isApproved ? null : guardedChange(look);
  if (guarded !== null) return held(hash, all, 'change', guarded);
  if (look.isRehearsal) return held(hash, all, 'run', 'part of a run larger than the limit');

  // After a lost answer the target may hold what we sent last: then nobody wrote over anything.
  const isOurs = before === null || state.begun !== null;
  const insisted = isOurs
    ? []
    : own.filter(({ field }) => !moves(flow, field) && isInsisted(state, wanted, field));
  const contested = insisted
    .map(({ field }) => field)
    .filter((field) => isSpent(state, field, now) && !isApproved);
  const differences = all.map((one) =>
    contested.includes(one.field) ? { ...one, isContested: true } : one,
  );
  const written = own.filter(({ field }) => !contested.includes(field));
  if (written.length === 0) {
    return held(hash, differences, 'contested', contestedText(contested));
  }
  return {
    kind: 'write',
    hash,
    fields: Object.fromEntries(written.map(({ field }) => [field, wanted.fields[field] as Json])),
    differences,
    insisted: insisted.map(({ field }) => field).filter((field) => !contested.includes(field)),
    contested,
  };
}

export function contestedText(fields: readonly string[]): string {
  return `${fields.join(', ')}: something else keeps writing another value, ours was written ${insistsMax} times within an hour`;
}

function held(
  hash: string,
  differences: readonly Difference[],
  why: HoldReason,
  text: string,
): Verdict & { readonly kind: 'held' } {
  return { kind: 'held', hash, why, text, differences };
}

/** Field by field, by canonical JSON; a field that is absent is the same as one that is empty. */
export function differencesOf(
  { owns }: Pick<Flow, 'owns'>,
  wanted: TargetRecord,
  before: TargetState | null,
): Difference[] {
  return Object.keys(wanted.fields)
    .sort()
    .flatMap((field): Difference[] => {
      const after = wanted.fields[field] ?? null;
      const there = before?.fields[field] ?? null;
      if (before !== null && canonicalJson(after) === canonicalJson(there)) return [];
      const one = { field, before: there, after };
      return [owns === null || owns.has(field) ? one : { ...one, isForeign: true }];
    });
}

/** Fields of others stay what they are, and are not taken for ours. */
export function ownOf({ owns }: Pick<Flow, 'owns'>, fields: JsonObject): JsonObject {
  if (owns === null) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([field]) => owns.has(field)));
}

export function hashesOf(fields: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((field) => [field, hashOf(fields[field] ?? null).slice(0, 8)]),
  );
}

function moves({ sink }: Look['flow'], field: string): boolean {
  return sink.moves?.includes(field) === true;
}

/** The target had this very value from us, and now has another: somebody wrote over it. */
function isInsisted(state: GroupState, wanted: TargetRecord, field: string): boolean {
  return state.written[field] === hashOf(wanted.fields[field] ?? null).slice(0, 8);
}

function isSpent({ insists }: GroupState, field: string, now: number): boolean {
  const insist = insists[field];
  return insist !== undefined && insist.count >= insistsMax && now - insist.since < insistWindowMs;
}

/** Says which guarded number moves too far, or null. */
function guardedChange({ flow, wanted, before }: Look): string | null {
  const { change } = flow.limits;
  if (change === null || before === null) return null;
  for (const path of flow.sink.guarded ?? []) {
    const steps = path.split('.');
    if (flow.owns !== null && !flow.owns.has(steps[0] as string)) continue;
    const text = compared(before.fields, wanted.fields, steps, change);
    if (text !== null) return `${path} ${text}`;
  }
  return null;
}

function compared(
  from: Json | undefined,
  to: Json | undefined,
  steps: readonly string[],
  change: number,
): string | null {
  const [step, ...rest] = steps;
  if (step === undefined) {
    const [was, becomes] = [numberOf(from), numberOf(to)];
    if (was === null || becomes === null || was === 0 || was === becomes) return null;
    const part = Math.abs(becomes - was) / Math.abs(was);
    return part > change ? `${was} → ${becomes} is more than ${change * 100} %` : null;
  }
  if (step === '*') {
    const names = from === null || typeof from !== 'object' ? [] : Object.keys(from);
    for (const name of names) {
      const text = compared(memberOf(from, name), memberOf(to, name), rest, change);
      if (text !== null) return `(${name}) ${text}`;
    }
    return null;
  }
  return compared(memberOf(from, step), memberOf(to, step), rest, change);
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as JsonObject)[name];
}

function numberOf(value: Json | undefined): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
