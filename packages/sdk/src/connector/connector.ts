import type { z } from 'zod';
import type { EntityName } from '../model/index.js';
import type { NoticeQueue } from './notice-queue.js';
import type { Authenticator, Clock, HttpClient, Logger, Random, Timers } from './ports.js';
import type { ReceiveSpec } from './receive.js';
import type { ContactFields, Sink } from './sink.js';
import type { Tested } from './tested.js';
import type { SignatureSpec } from './webhook.js';

/** A JSON value as parsed from a source. Numbers are only safe for counts; money comes as text. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A place in a source's stream, chosen by the connector, stored by the engine as JSON. */
export type Cursor = JsonObject;

/**
 * How a stream tells of change, which decides what lag can be promised.
 * - `log`: replayable, nothing is lost.
 * - `push`: notifications that may be lost, repaired by polling.
 * - `poll`: asked by change timestamp every `every`.
 * - `snapshot`: no change field; the whole is read every `every` and compared.
 * - `delivery`: whole records are sent to us (`ConnectorSpec.receive`) and cannot be asked for again.
 */
export type FeedClass = 'log' | 'push' | 'poll' | 'snapshot' | 'delivery';

/** Handed to every function of a connector that does I/O. */
export interface ConnectorContext<Config> {
  readonly config: Config;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** One answer of the source, as bytes: the engine hashes, splits and journals what was received. */
export interface Page {
  readonly body: Uint8Array;
  /** Names from the root to the array of records, such as `['data']`; `[]` when the root is it. */
  readonly items: readonly string[];
  /** Where to go on, or null when this was the last page. */
  readonly next: Cursor | null;
  /**
   * Where a later `changes` read starts when this page is the last one so far. Absent on passes.
   */
  readonly resume?: Cursor;
  /** Records the source says the whole read has, where it says so; guards against lost pages. */
  readonly total?: number;
}

export type ReadMode =
  /** Everything changed since the cursor, oldest first; a null cursor means from now on. */
  | 'changes'
  /** Every record there is, newest first, in an order that does not drift while it is read. */
  | 'pass';

/** Read by the mapping of a record; everything here is journaled, so replay sees the same. */
export interface MapContext<Config> {
  readonly config: Config;
  /** What `context` returned when the record was read: currencies, languages and the like. */
  readonly source: JsonObject;
  /** Pseudonymous handle of the person a personal record is about, or null. */
  readonly subject: string | null;
}

/** One canonical record a source record says something about. */
export interface MappedRecord {
  readonly entity: EntityName;
  /** The source's own type and id; with the entity they give the platform's id. */
  readonly type: string;
  readonly externalId: string;
  /** Canonical fields, key fields included; checked against the entity's schema. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Which parts of a record are about a person; they are sealed before anything is stored. */
export interface PersonalSpec {
  /** The source's reference of the person, or null while unknown. */
  subject(record: JsonObject): string | null;
  /**
   * Paths moved into the sealed part; `*` stands for each element of an array. A path names a
   * whole branch: `orderCustomer` seals everything below it.
   */
  readonly paths: readonly string[];
}

export interface Stream<Config> {
  readonly name: string;
  /** What it is, for the generated documentation. */
  readonly description: string;
  readonly entities: readonly EntityName[];
  readonly feed: FeedClass;
  /**
   * Default poll interval in ms; a user may override it. Of deliveries: how often one comes at least;
   * three times that long without one is worth a look.
   */
  readonly everyMs: number;
  /** A full pass finds deletes and lost changes; 0 means never by itself. Default one day. */
  readonly passEveryMs?: number;
  /** How far `changes` reads again behind its cursor, for late commits and clock ties. */
  readonly overlapMs?: number;
  /** What the source calls the fields behind `key` and `version`, for the documentation. */
  readonly names?: { readonly key: string; readonly version: string | null };
  key(record: JsonObject): string | null;
  /** The source's version (a timestamp stays text), or null when it has none. */
  version(record: JsonObject): string | null;
  /** `text` compares code units (ISO timestamps of one shape), `integer` compares whole numbers. */
  readonly versionOrder?: 'text' | 'integer';
  /** When this statement became true at the source, RFC 3339. */
  eventAt(record: JsonObject): string | null;
  /** A record that says of itself that it is deleted. */
  isDeleted?(record: JsonObject): boolean;
  readonly personal?: PersonalSpec;
  /** Keys of other streams that this record's change also changes without telling. */
  touches?(record: JsonObject): readonly Change[];
  /** Keys of other streams that go, or change, when this record is gone; they are then asked for. */
  touchesWhenGone?(key: string): readonly Change[];
  /** Pure: same record and context, same result. Personal paths are already gone from `record`. */
  map(record: JsonObject, context: MapContext<Config>): readonly MappedRecord[];
  /** Never called where the feed is `delivery`, which takes `notReadable`. */
  read(context: ConnectorContext<Config>, mode: ReadMode, cursor: Cursor | null): Promise<Page>;
  /**
   * Names and addresses of a whole record, personal paths included; for sinks that need them, at the
   * moment of writing. Pure; its result is never stored.
   */
  personalFields?(record: JsonObject): ContactFields;
  /** Point read; keys that are not in the answer do not exist. At most `fetchMax` keys. */
  fetch?(context: ConnectorContext<Config>, keys: readonly string[]): Promise<Page>;
  readonly fetchMax?: number;
  /**
   * About `limit` records with every field the system has, also those `read` leaves out; for
   * `headrace map coverage`. Absent where `read` gives all there is.
   */
  sample?(context: ConnectorContext<Config>, limit: number): Promise<Page>;
  /**
   * Lists at this path, wherever it stands in a record, hold fields by name: `fieldTypeId` in each of
   * `fieldValues`. `headrace map coverage` then shows each under its name.
   */
  readonly listsByName?: { readonly path: string; readonly name: string };
}

/** A key that changed. */
export interface Change {
  readonly stream: string;
  readonly key: string;
}

export interface Notification {
  /** The sender's id of this delivery; redeliveries carry the same. */
  readonly eventId: string | null;
  /** When the sender says it happened, ms since the epoch. */
  readonly at: number | null;
  readonly changes: readonly Change[];
}

export interface InboundRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly uri: string;
  /** Scheme and host the sender called (`https://hooks.example`), for senders that sign the URL. */
  readonly origin?: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type SubscriptionState =
  | { readonly kind: 'active' }
  | { readonly kind: 'missing'; readonly hint: string }
  | { readonly kind: 'disabled'; readonly hint: string }
  | { readonly kind: 'failing'; readonly errors: number; readonly hint: string };

export interface NotifySpec<Config> {
  readonly signature: SignatureSpec;
  /** How deliveries are signed where the settings say otherwise, or null. */
  signatureOf?(config: Config): SignatureSpec | null;
  /** The shared secrets; the first signs, all verify (rotation). */
  secrets(config: Config): readonly string[];
  /**
   * Called with verified bytes only. Pure. Events of no interest give no changes. The settings are
   * there for systems whose own names of things differ from customer to customer.
   */
  parse(request: InboundRequest, config: Config): Notification;
  /** The queue to fetch notices from, or null where the settings name none. Called once at start. */
  pull?(context: ConnectorContext<Config>): NoticeQueue | null;
  /** Whether the source still sends; asked at intervals, because a disabled hook is silent. */
  state?(context: ConnectorContext<Config>): Promise<SubscriptionState>;
  /** Creates the subscription at the source: a write, so only ever run when a person asks. */
  subscribe?(context: ConnectorContext<Config>, callbackUrl: string): Promise<void>;
}

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was found; when not ok, what to do. */
  readonly text: string;
}

/** A field of the system, as its own description of itself names it. */
export interface DiscoveredField {
  readonly stream: string;
  /** As the connector's settings take it. */
  readonly path: string;
  /** The system's own word for it. */
  readonly type: string;
  readonly label: string | null;
  /** The customer added it; no other installation has it. */
  readonly isOwn?: boolean;
}

/**
 * One entry of a setting that names something of the system: a plant, a sales channel, a type.
 * `headrace connect discover --write` puts it into the project, where it is the user's from then on.
 */
export interface DiscoveredSetting {
  /** Where it belongs: `['plants', 'NL01']`. */
  readonly path: readonly string[];
  readonly value: string;
  /** What it is, in the system's own words. */
  readonly label: string | null;
  /**
   * - `add`: where the settings name nothing of this path yet.
   * - `replace`: the settings name something the system does not have.
   * - `ask`: only a person can say whether it shall be so; written as a comment.
   */
  readonly as: 'add' | 'replace' | 'ask';
}

export interface RateBudget {
  readonly requestsPerSecond: number;
  readonly concurrency: number;
}

/**
 * A time of day in which a system is known to be down or silent, each day anew: a nightly batch, a
 * backup. It is read as ever; silence and failures raise no alarm until it is over.
 */
export interface QuietWindow {
  /** First minute, `HH:MM` on the clocks of `timeZone`. */
  readonly from: string;
  /** First minute after it; earlier than `from` when it goes over midnight. */
  readonly to: string;
  /** IANA zone. */
  readonly timeZone: string;
}

export interface Permission {
  /** The system's own word for it. */
  readonly name: string;
  /** What stays empty without it. */
  readonly why: string;
  /** Only flows that are live need it; the check does not ask for it. */
  readonly isForWriting?: boolean;
}

export interface ConnectorSpec<Schema extends z.ZodType> {
  readonly name: string;
  readonly title: string;
  /** Checked at start; its descriptions become the reference page and the form. */
  readonly config: Schema;
  /** Settings that pass `config`; the reference page lists the streams they give. */
  readonly example?: z.input<Schema>;
  /** What it was tried on, for the reference page. */
  readonly tested?: Tested;
  /** What the credentials must be allowed to do, for the reference page. */
  readonly permissions?: readonly Permission[];
  baseUrl(config: z.output<Schema>): string;
  /**
   * Further hosts the settings name that the connector may call (`HttpRequest.origin`), as scheme,
   * host and port: where tokens are had, a queue. Every other host is refused. Pure; asked once.
   */
  origins?(config: z.output<Schema>): readonly string[];
  /** Requests share one budget per credential. */
  readonly budget: RateBudget;
  /** What the settings say about the budget instead, or null. */
  budgetOf?(config: z.output<Schema>): RateBudget | null;
  authenticate(context: ConnectorContext<z.output<Schema>>): Authenticator;
  /** The daily quiet windows the settings name. Pure; asked once at start. */
  quietOf?(config: z.output<Schema>): readonly QuietWindow[];
  /**
   * What the system itself says about a refused request, read from the body of an answer of 400 and
   * above, or null. It is shown and logged: nothing secret, nobody's data.
   */
  reasonOf?(status: number, body: Uint8Array): string | null;
  /** Small reference data the mapping needs; journaled when it changes. Names it in `MapContext.source`. */
  context?(context: ConnectorContext<z.output<Schema>>): Promise<JsonObject>;
  streams(config: z.output<Schema>): readonly Stream<z.output<Schema>>[];
  readonly notify?: NotifySpec<z.output<Schema>>;
  /** Deliveries of whole records; a connector has this or `notify`. */
  readonly receive?: ReceiveSpec<z.output<Schema>>;
  readonly sinks?: readonly Sink<z.output<Schema>>[];
  /** One result for each permission the connector needs; never throws for a missing one. */
  check(context: ConnectorContext<z.output<Schema>>): Promise<readonly CheckResult[]>;
  discover?(context: ConnectorContext<z.output<Schema>>): Promise<readonly DiscoveredField[]>;
  /**
   * What settings can be filled with from the system itself, so that nobody hunts for ids. May be
   * asked while settings name things the system does not have.
   */
  discoverSettings?(
    context: ConnectorContext<z.output<Schema>>,
    project: { readonly languages: readonly string[] },
  ): Promise<readonly DiscoveredSetting[]>;
}

/** A connector with its settings, as it stands under `sources` in a project. */
export interface ConfiguredSource<Config = unknown> {
  readonly kind: 'source';
  readonly connector: ConnectorSpec<z.ZodType<Config>>;
  /** As the user wrote it; `secret()` and `env()` are resolved when the platform starts. */
  readonly settings: unknown;
}

export interface Connector<Schema extends z.ZodType> {
  (settings: z.input<Schema>): ConfiguredSource<z.output<Schema>>;
  readonly spec: ConnectorSpec<Schema>;
}
