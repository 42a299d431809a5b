/**
 * The write side of a connector. The author says what the system takes, how a canonical record
 * becomes that, how to read what is there and how to write; queues, differences, limits, shadow,
 * retries and idempotency keys belong to the platform.
 *
 * One delivery: map (pure) → read → compare → write what differs, or only show it.
 */
import type { z } from 'zod';
import type { EntityName } from '../model/index.js';
import type { ConnectorContext, Json, JsonObject, MapContext } from './connector.js';
import type { ErrorKind } from './errors.js';

/** A canonical record as all systems but the target state it. */
export interface FlowRecord {
  readonly entity: EntityName;
  readonly key: string;
  readonly fields: JsonObject;
}

/** What one delivery is made of: a variant with its stock everywhere, a product with its variants. */
export interface FlowGroup {
  /** The group's name, as `groupsOf` gave it. */
  readonly key: string;
  /** Records of the group, by key. Statements of the target itself are not among them. */
  records(entity: EntityName): readonly FlowRecord[];
  /** What the target itself states of the group, where it is a source too. */
  own(entity: EntityName): readonly FlowRecord[];
  /** A row of a cross-reference table of the project, or undefined. */
  lookup(table: string, key: string): Json | undefined;
}

/** Where something is sent or billed to. */
export interface ContactAddress {
  readonly company?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly street?: string;
  readonly postalCode?: string;
  readonly city?: string;
  /** ISO 3166, two letters. */
  readonly country?: string;
  readonly phone?: string;
}

/** What `Stream.personalFields` gives; opened at the moment of writing and never stored. */
export interface ContactFields {
  readonly email?: string;
  readonly shipTo?: ContactAddress;
  readonly billTo?: ContactAddress;
}

/** What a target is to hold. `key` is its own natural key: a product number, a reference. */
export interface TargetRecord {
  readonly key: string;
  /** Checked against `Sink.fields`; only these fields are compared and written. */
  readonly fields: JsonObject;
}

/** What a target holds. */
export interface TargetState {
  readonly key: string;
  /** The target's own id, where it differs from the key. */
  readonly id: string | null;
  /** As far as the sink can write them, under the names and in the shape `map` gives them. */
  readonly fields: JsonObject;
  /** Names this state in a conditional write (an ETag), or null. */
  readonly tag: string | null;
}

/** One record to write. */
export interface SinkItem {
  readonly key: string;
  /** The same over retries, crashes and replays; sent along where the system takes one. */
  readonly idempotencyKey: string;
  /** The fields that differ; all of them when the target has no such record. */
  readonly fields: JsonObject;
  /** All fields the mapping gave. */
  readonly wanted: JsonObject;
  /** What was read just before, or null when the target has no such record. */
  readonly before: TargetState | null;
  /** Opened for this call only: for sinks that say `isPersonal`. */
  readonly personal: ContactFields | null;
}

export type SinkResult =
  | { readonly key: string; readonly kind: 'written'; readonly id: string | null }
  /** Taken, done later: `settle` is asked with the ticket until it says how it ended. */
  | { readonly key: string; readonly kind: 'accepted'; readonly ticket: string }
  /** `record` and `contract` park this one; `conflict` reads again; `transient` is tried again. */
  | {
      readonly key: string;
      readonly kind: 'refused';
      readonly error: Extract<ErrorKind, 'record' | 'contract' | 'conflict' | 'transient'>;
      /** What the system says, without secrets or anybody's data. */
      readonly message: string;
    };

export interface Sink<Config> {
  /** Names it in a flow: `flow('stock', 'shop')`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Entities of which a change concerns it. */
  readonly entities: readonly EntityName[];
  /**
   * What happens when a write is repeated whose answer was lost.
   * - `transactional`: the system stores our key with the effect.
   * - `idempotent`: equal writes end in the same state.
   * - `at-least-once`: reading before writing keeps it to one, as long as the system shows at once
   *   what it was given.
   */
  readonly delivery: 'transactional' | 'idempotent' | 'at-least-once';
  /** A `state` is written again whenever it differs; a `document` is made once and then amended. */
  readonly makes: 'state' | 'document';
  /** What the system takes of one record, for checks, forms and documentation. */
  readonly fields: z.ZodType<JsonObject>;
  /** Records of one `read` or `write` call, at most. */
  readonly batchMax: number;
  /** Needs names or addresses; see `SinkItem.personal`. */
  readonly isPersonal?: boolean;
  /** Writing `before` again takes a delivery back. */
  readonly canUndo?: boolean;
  /** Dotted paths of numbers whose sudden change is held for approval, such as `price.gross`. */
  readonly guarded?: readonly string[];
  /**
   * Fields the target moves in its own business, such as stock it sells from: another value in one of them
   * is no sign that somebody else writes it too, however often.
   */
  readonly moves?: readonly string[];
  /** Names of the groups a canonical row belongs to; by default the row's anchor. Pure. */
  groupsOf?(record: FlowRecord): readonly string[];
  /** The ready-made mapping; null when the group does not concern this system. Pure. */
  map(group: FlowGroup, context: MapContext<Config>): TargetRecord | null;
  /** What the target holds under these keys; those it does not have are left out. */
  read(
    context: ConnectorContext<Config>,
    records: readonly TargetRecord[],
  ): Promise<readonly TargetState[]>;
  /** Writes, one result an item. An answer that concerns all of them is thrown. */
  write(
    context: ConnectorContext<Config>,
    items: readonly SinkItem[],
  ): Promise<readonly SinkResult[]>;
  /** How writes that were `accepted` ended; those not done yet are left out. */
  settle?(
    context: ConnectorContext<Config>,
    tickets: readonly { readonly key: string; readonly ticket: string }[],
  ): Promise<readonly SinkResult[]>;
}
