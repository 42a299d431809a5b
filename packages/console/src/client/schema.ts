// Written by scripts/generate-docs.mjs from the OpenAPI document; edits here are lost.

export type Alerts = { readonly alerts: readonly ({ readonly id: string; readonly state: "raised" | "recovered"; readonly kind: string; readonly target: string; readonly culprit: string; readonly message: string; readonly since: number; readonly at: number; readonly keys: readonly string[] })[] };
export type Assessment = { readonly at: number; readonly useCases: readonly ({ readonly useCase: "demand" | "campaigns" | "churn" | "pricing" | "returns"; readonly title: string; readonly ready: boolean; readonly because: readonly string[]; readonly readyOn: string | null; readonly better: readonly string[] })[]; readonly entities: readonly { readonly entity: string; readonly source: string; readonly rows: number; readonly filled: Readonly<Record<string, number>>; readonly first: Readonly<Record<string, number>>; readonly last: Readonly<Record<string, number>> }[]; readonly coverage: readonly ({ readonly kind: "price" | "cost" | "stock" | "category" | "leadTime"; readonly has: number; readonly sellable: number })[] };
export type Checks = { readonly checks: readonly ({ readonly check: "watermark-lag" | "transit-lag" | "silence" | "count" | "sequence" | "structure" | "coverage" | "volume" | "drift" | "schema" | "references" | "duplicates" | "stock" | "price" | "orders" | "returns" | "refunds" | "clock" | "quarantine"; readonly target: string; readonly culprit: string; readonly state: "learning" | "ok" | "watch" | "alarm" | "quiet"; readonly value: number; readonly limit: number; readonly unit: "ms" | "count" | "share" | "sigma"; readonly why: string | null; readonly evidence: readonly string[]; readonly since: number; readonly at: number; readonly points: readonly { readonly at: number; readonly value: number; readonly state: string }[] })[]; readonly alarms: number };
export type ConfirmedValue = { readonly entity: "product" | "variant" | "component" | "category" | "listing" | "price" | "cost" | "promotion" | "competitorOffer" | "location" | "stock" | "allocation" | "stockMovement" | "capacity" | "storeSale" | "storeSaleLine" | "calendarDay" | "supplier" | "supplierItem" | "replenishment" | "purchaseOrder" | "purchaseOrderLine" | "order" | "orderLine" | "shipment" | "shipmentLine" | "tracking" | "payment" | "refund" | "return" | "returnLine" | "customer" | "account" | "interaction" | "behaviourEvent" | "campaign" | "send" | "prediction" | "decision" | "outcome"; readonly key: string; readonly source: string };
export type Corrected = { readonly trial: ReplayTrial | null };
export type Correction = { readonly record: string; readonly replacement: Readonly<Record<string, unknown>> | null };
export type DeliveryCounts = { readonly accepted: number; readonly duplicates: number; readonly quarantined: number };
export type Entity = { readonly entity: string; readonly key: string; readonly id: string; readonly fields: Readonly<Record<string, unknown>>; readonly provenance: Readonly<Record<string, Provenance>>; readonly rows: readonly SourceRow[]; readonly links: readonly Link[]; readonly apart: readonly { readonly id: string; readonly source: string }[]; readonly durable: number };
export type EntityPage = { readonly records: readonly ({ readonly key: string; readonly id: string; readonly record: string; readonly version: string | null; readonly fields: Readonly<Record<string, unknown>> })[]; readonly next: string | null };
export type Erasure = { readonly erased: number; readonly recomputed: number; readonly handle: string; readonly subjects: readonly { readonly source: string; readonly handle: string }[]; readonly records: number; readonly quarantined: number; readonly exports: readonly ({ readonly at: string; readonly what: "features" | "proofs" | "backup" | "audit" | "openlineage"; readonly to: string; readonly by: string; readonly of?: string; readonly persons?: boolean })[] };
export type FeatureAnswer = FeatureVectors | FeatureTable;
export type FeatureCatalogue = { readonly version: string; readonly views: readonly ({ readonly name: string; readonly entity: string; readonly parts: readonly string[]; readonly from: string | null; readonly values: readonly string[]; readonly description: string; readonly unit: string; readonly maxAgeMs: number | null; readonly version: string })[] };
export type FeatureHealth = { readonly parity: FeatureParity; readonly unused: Readonly<Record<string, Readonly<Record<string, number>>>> };
export type FeatureParity = { readonly offered: number; readonly checked: number; readonly mismatches: number; readonly skipped: number; readonly waiting: number; readonly firstMismatch: string | null };
export type FeatureTable = { readonly entity: string; readonly parts: readonly string[]; readonly names: readonly string[]; readonly rows: readonly ({ readonly key: string; readonly values: readonly ((string | number | boolean | null) | (readonly (string | number | boolean | null)[]))[]; readonly ages: readonly number[] })[]; readonly ages: readonly ({ readonly status: "ok" | "stale" | "missing" | "expired" | "erased"; readonly ageMs: number | null; readonly eventAt: string | null; readonly knownAt: string | null })[]; readonly evidence: ({ readonly t: number; readonly k: number | null; readonly v: string }) | null };
export type FeatureTrace = { readonly id: string; readonly vector: FeatureVector; readonly views: readonly { readonly view: string; readonly keys: readonly string[]; readonly spans: Readonly<Record<string, readonly string[]>>; readonly count: number; readonly retracted: number; readonly hidden: number; readonly digest: string; readonly facts: readonly { readonly journal: number; readonly at: string; readonly eventAt: string; readonly knownAt: string; readonly isImported: boolean }[] }[]; readonly sources: readonly ({ readonly journal: number; readonly source: string; readonly stream: string; readonly key: string; readonly version: string | null; readonly eventAt: string | null; readonly knownAt: string; readonly ageMs: number; readonly gone: boolean })[] };
export type FeatureValue = { readonly value: (string | number | boolean | null) | (readonly (string | number | boolean | null)[]); readonly status: "ok" | "stale" | "missing" | "expired" | "erased"; readonly ageMs: number | null; readonly eventAt: string | null; readonly knownAt: string | null };
export type FeatureVector = { readonly key: string; readonly values: Readonly<Record<string, FeatureValue>>; readonly evidence: { readonly t: number; readonly k: number | null; readonly v: string } };
export type FeatureVectors = { readonly entity: string; readonly parts: readonly string[]; readonly vectors: readonly FeatureVector[] };
export type FlowAct = { readonly flow: string; readonly action: string; readonly groups: number };
export type FlowApproval = { readonly groups: readonly string[] } | { readonly run: true };
export type FlowChange = { readonly field: string; readonly before: unknown; readonly after: unknown; readonly isForeign?: boolean; readonly isContested?: boolean };
export type FlowDeliveries = { readonly deliveries: readonly ({ readonly journal: number; readonly at: string; readonly group: string; readonly key: string | null; readonly result: "written" | "accepted" | "parked" | "again"; readonly number: number | null; readonly idempotencyKey: string | null; readonly cause: { readonly journal: number; readonly source: string; readonly stream: string; readonly key: string; readonly knownAt: string } | null; readonly changes: readonly FlowChange[]; readonly isNew: boolean; readonly isUndo: boolean; readonly isFound: boolean; readonly code: string | null; readonly message: string | null; readonly lagMs: number | null; readonly undoProblem: string | null })[]; readonly next: string | null };
export type FlowDifferences = { readonly differences: readonly ({ readonly group: string; readonly key: string | null; readonly at: string; readonly journal: number; readonly why: ("run" | "change" | "suspect" | "contested" | "undone" | "foreign") | null; readonly text: string | null; readonly fields: readonly FlowChange[] })[]; readonly next: string | null };
export type FlowGroups = { readonly groups: readonly ({ readonly group: string; readonly phase: "clean" | "due" | "held" | "parked" | "waiting"; readonly since: string | null; readonly why: ("run" | "change" | "suspect" | "contested" | "undone") | null; readonly text: string | null; readonly code: string | null; readonly attempts: number; readonly number: number })[] };
export type FlowMinute = { readonly at: string; readonly delivered: number; readonly failed: number; readonly shown: number };
export type FlowResync = { readonly groups: readonly string[] } | { readonly prefix: string } | { readonly all: true };
export type FlowRetry = { readonly groups: readonly string[] } | { readonly all: true };
export type FlowStatus = { readonly flow: string; readonly sink: string; readonly title: string; readonly target: string; readonly write: "shadow" | "live"; readonly state: "shadow" | "live" | "paused" | "stopped" | "rehearsing" | "held" | "failing" | "gated"; readonly why: string | null; readonly delivery: "transactional" | "idempotent" | "at-least-once"; readonly makes: "state" | "document"; readonly owns: (readonly string[]) | null; readonly limits: { readonly rows: number | null; readonly approval: number | null; readonly change: number | null; readonly share: number | null }; readonly waiting: number; readonly delivered: number; readonly failed: number; readonly held: number; readonly settling: number; readonly differences: number; readonly lagMs: { readonly p50: number; readonly p99: number } | null; readonly run: ({ readonly phase: "rehearsing" | "held" | "approved"; readonly looked: number; readonly differing: number; readonly guarded: number; readonly sample: string | null }) | null; readonly lastHour: readonly FlowMinute[] };
export type FlowTest = { readonly groups: readonly string[] } | { readonly records: readonly { readonly entity: string; readonly fields: Readonly<Record<string, unknown>>; readonly isOwn?: boolean }[] } | { readonly recent: number };
export type FlowTrialFault = { readonly at: "sample" | "where" | "map" | "fields" | "read"; readonly code: string; readonly message: string; readonly path: string | null; readonly place: { readonly file: string; readonly line: number; readonly column: number } | null };
export type FlowTrialVerdict = { readonly does: "nothing" | "level" | "show" | "hold" | "write" | "park" | "unknown"; readonly why: ("run" | "change" | "suspect" | "contested" | "undone" | "foreign") | null; readonly text: string; readonly fields: readonly string[] };
export type FlowTrials = { readonly flow: string; readonly write: "shadow" | "live"; readonly faults: readonly FlowTrialFault[]; readonly groups: readonly ({ readonly group: string; readonly records: readonly { readonly entity: string; readonly key: string; readonly fields: Readonly<Record<string, unknown>>; readonly isOwn: boolean; readonly sources: readonly string[] }[]; readonly lookups: readonly { readonly table: string; readonly key: string; readonly value: unknown; readonly isMissing: boolean }[]; readonly concerns: boolean | null; readonly gives: ({ readonly key: string | null; readonly fields: unknown }) | null; readonly ready: { readonly key: string; readonly fields: Readonly<Record<string, unknown>> } | null; readonly target: ({ readonly id: string | null; readonly fields: Readonly<Record<string, unknown>> }) | null; readonly isRead: boolean; readonly differences: readonly FlowChange[]; readonly verdict: FlowTrialVerdict; readonly live: FlowTrialVerdict | null; readonly faults: readonly FlowTrialFault[] })[] };
export type FlowUndo = { readonly delivery: number; readonly groups?: readonly string[] };
export type Flows = { readonly flows: readonly FlowStatus[] };
export type Found = { readonly found: readonly { readonly entity: string; readonly key: string }[] };
export type Gate = { readonly verdict: Verdict; readonly inputs: readonly InputScore[] };
export type Heal = { readonly keys?: readonly string[] };
export type Healed = { readonly keys: number; readonly read: number; readonly again: number };
export type Health = { readonly ok: boolean; readonly version: string; readonly why: string | null };
export type Hop = { readonly at: string; readonly room: string; readonly what: string; readonly ms: number; readonly journal: number; readonly flow?: string; readonly target?: string };
export type Ingested = { readonly accepted: number };
export type InputScore = { readonly input: string; readonly entity: string; readonly source: string; readonly score: number; readonly ageMs: number | null; readonly maxAgeMs: number; readonly since: number | null; readonly worst: { readonly component: "freshness" | "completeness" | "consistency" | "validity"; readonly score: number; readonly why: string | null; readonly evidence: readonly string[] }; readonly components: readonly ({ readonly component: "freshness" | "completeness" | "consistency" | "validity"; readonly score: number; readonly why: string | null; readonly evidence: readonly string[] })[] };
export type Link = { readonly entity: string; readonly from: string; readonly to: string; readonly method: "human" | "rule" | "probabilistic"; readonly principal: string; readonly evidence: string; readonly since: number };
export type LinkEnd = { readonly entity: string; readonly from: string };
export type MadeLink = { readonly entity: string; readonly from: string; readonly to: string; readonly evidence: string; readonly method: "human" };
export type MadeToken = { readonly name: string; readonly role: "viewer" | "operator" | "approver" | "admin"; readonly token: string };
export type NewLink = { readonly entity: string; readonly from: string; readonly to: string; readonly evidence?: string };
export type NewToken = { readonly name: string; readonly role: "viewer" | "operator" | "approver" | "admin" };
export type Noticed = { readonly duplicate: boolean };
export type OnePrediction = { readonly useCase: string; readonly gate: "serve" | "serve-flagged" | "fallback" | "hold"; readonly score: number; readonly policy: number; readonly since: number | null; readonly worstInput: ({ readonly input: string; readonly component: "freshness" | "completeness" | "consistency" | "validity"; readonly score: number; readonly ageMs: number | null; readonly why: string | null; readonly fix: string }) | null; readonly inputs: readonly InputScore[]; readonly at: number; readonly prediction: Prediction };
export type OneTimeCode = { readonly code: string };
export type OpenedSession = { readonly name: string; readonly role: "viewer" | "operator" | "approver" | "admin"; readonly expiresAt: string | null; readonly token: string };
export type PersonalPart = { readonly kind: "none" } | { readonly kind: "sealed" } | { readonly kind: "erased" } | ({ readonly kind: "open"; readonly value: Readonly<Record<string, unknown>> | string });
export type Prediction = { readonly id: string | null; readonly key: string; readonly date: string | null; readonly value: number | null; readonly interval: { readonly low: number; readonly high: number; readonly level: number } | null; readonly horizon: { readonly days: number; readonly value: number } | null; readonly gate: "serve" | "serve-flagged" | "fallback" | "hold"; readonly score: number; readonly reason: string | null; readonly worstInput: ({ readonly input: string; readonly component: "freshness" | "completeness" | "consistency" | "validity"; readonly score: number; readonly ageMs: number | null; readonly why: string | null; readonly fix: string }) | null; readonly since: number | null; readonly lastGood: { readonly id: string; readonly value: number; readonly interval: { readonly low: number; readonly high: number; readonly level: number }; readonly date: string; readonly madeAt: number; readonly ageMs: number } | null; readonly evidence: ({ readonly t: number; readonly k: number; readonly v: { readonly features: string; readonly view: string; readonly model: string; readonly policy: number }; readonly journal: number; readonly vector: readonly number[]; readonly inputs: readonly ({ readonly input: string; readonly ageMs: number | null; readonly score: number })[]; readonly gate: "serve" | "serve-flagged" | "fallback" | "hold"; readonly before: readonly { readonly id: string; readonly date: string; readonly value: number }[] }) | null };
export type Predictions = { readonly useCase: string; readonly gate: "serve" | "serve-flagged" | "fallback" | "hold"; readonly score: number; readonly policy: number; readonly since: number | null; readonly worstInput: ({ readonly input: string; readonly component: "freshness" | "completeness" | "consistency" | "validity"; readonly score: number; readonly ageMs: number | null; readonly why: string | null; readonly fix: string }) | null; readonly inputs: readonly InputScore[]; readonly at: number; readonly counts: { readonly served: number; readonly flagged: number; readonly fallback: number; readonly held: number }; readonly predictions: readonly Prediction[]; readonly next: string | null };
export type Problem = { readonly type: string; readonly title: string; readonly status: number; readonly code: string; readonly detail?: string; readonly errors?: readonly { readonly detail: string; readonly pointer?: string; readonly parameter?: string }[] };
export type ProofBundle = { readonly format: "headrace-proof/1"; readonly about: Readonly<Record<string, unknown>>; readonly checkpoint: string; readonly entries: readonly ({ readonly offset: number; readonly header: string; readonly body: string | null; readonly bodyHash: string; readonly sealedHash: string; readonly path: readonly string[] })[] };
export type Provenance = { readonly source: string; readonly record: string; readonly version: string | null; readonly eventAt: number | null; readonly knownAt: number; readonly journal: number; readonly because: "only" | "rank" | "newest" | "complete" | "name"; readonly disagree: number };
export type Quarantine = { readonly groups: readonly { readonly group: string; readonly source: string; readonly stream: string; readonly code: string; readonly count: number; readonly corrected: number; readonly samples: readonly { readonly record: string; readonly message: string; readonly journal: number; readonly knownAt: number }[] }[] };
export type Readiness = { readonly inputs: readonly InputScore[]; readonly at: number };
export type Reconciliation = { readonly pair: string; readonly kind: string; readonly a: string; readonly b: string; readonly compared: number; readonly differing: number; readonly pending: number; readonly at: number; readonly through: { readonly a: number | null; readonly b: number | null }; readonly keys: readonly ({ readonly key: string; readonly a: string | null; readonly b: string | null; readonly since: number; readonly state: "pending" | "differs"; readonly cause: "late" | "lost" | "mapping" | "unit" | "double" | "unknown"; readonly hop: string; readonly culprit: string; readonly why: string; readonly records: { readonly a: string | null; readonly b: string | null } })[] };
export type Reconciliations = { readonly pairs: readonly Reconciliation[] };
export type Released = { readonly released: number };
export type ReplayGroup = { readonly dryRun?: boolean };
export type ReplayReport = { readonly group: string; readonly waiting: number; readonly replayed: number; readonly corrected: number; readonly failed: number; readonly settled: number; readonly errors: readonly { readonly code: string; readonly message: string; readonly count: number; readonly record: string }[]; readonly samples?: readonly ReplayTrial[] };
export type ReplayTrial = { readonly record: string; readonly journal: number; readonly knownAt: number; readonly corrected: boolean; readonly in: Readonly<Record<string, unknown>> | null; readonly out: (readonly { readonly entity: string; readonly key: string; readonly type: string; readonly externalId: string; readonly fields: Readonly<Record<string, unknown>> }[]) | null; readonly error: { readonly code: string; readonly message: string } | null };
export type Row = { readonly row: string };
export type Session = { readonly name: string; readonly role: "viewer" | "operator" | "approver" | "admin"; readonly expiresAt: string | null; readonly version: string };
export type SignedCheckpoint = { readonly origin: string; readonly publicKey: string; readonly size: number; readonly root: string; readonly checkpoint: string; readonly consistency: (readonly string[]) | null };
export type SourceRow = { readonly source: string; readonly stream: string; readonly recordKey: string; readonly version: string | null; readonly eventAt: number | null; readonly knownAt: number; readonly offset: number; readonly id: string; readonly fields: Readonly<Record<string, unknown>> };
export type Status = { readonly now: string; readonly streams: readonly StreamStatus[]; readonly sources: readonly ({ readonly source: string; readonly subscription: Subscription | null })[]; readonly journal: { readonly entries: number; readonly bytes: number; readonly durable: number; readonly folded: number }; readonly root: string; readonly features: { readonly checked: number; readonly mismatches: number } | null; readonly reads: ({ readonly url: string; readonly why: string | null }) | null; readonly healthy: boolean; readonly why: string | null };
export type StockHistory = { readonly source: string; readonly sku: string; readonly location: string; readonly readings: number; readonly unclear: number; readonly unjudged: number; readonly movementsUntil: string | null; readonly unexplained: { readonly value: string; readonly unit: string }; readonly spans: readonly ({ readonly from: string; readonly to: string | null; readonly onHand: { readonly value: string; readonly unit: string }; readonly confidence: "confirmed" | "contradicted" | "rebuilt" | "rolled-forward" })[]; readonly durable: number };
export type StreamStatus = { readonly source: string; readonly stream: string; readonly mode: "log" | "push" | "poll" | "snapshot" | "delivery"; readonly records: number; readonly lagMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null; readonly everyMs: number; readonly watermark: string | null; readonly waiting: number; readonly behindMs: number; readonly state: "starting" | "backfilling" | "live" | "behind" | "late" | "waiting" | "stopped" | "quiet"; readonly why: string | null };
export type Streams = { readonly streams: readonly StreamStatus[] };
export type Subject = { readonly source: string; readonly person: string };
export type Subscription = { readonly kind: "active" } | ({ readonly kind: "missing" | "disabled"; readonly hint: string }) | { readonly kind: "failing"; readonly errors: number; readonly hint: string };
export type SuspectValues = { readonly values: readonly ({ readonly entity: string; readonly key: string; readonly source: string; readonly record: string; readonly field: string; readonly kind: "scale" | "unit" | "currency"; readonly from: string; readonly to: string; readonly at: number; readonly until: number | null })[]; readonly more: boolean };
export type Tokens = { readonly tokens: readonly ({ readonly name: string; readonly role: "viewer" | "operator" | "approver" | "admin"; readonly createdAt: number })[] };
export type Trace = { readonly id: string; readonly answers: readonly TraceAnswer[]; readonly hops: readonly { readonly record: string; readonly at: string; readonly room: string; readonly what: string; readonly ms: number; readonly journal: number; readonly flow?: string; readonly target?: string }[]; readonly sources: readonly TraceSource[] };
export type TraceAnswer = { readonly record: string; readonly entities: readonly { readonly entity: string; readonly key: string }[]; readonly deleted: boolean; readonly fault: { readonly code: string; readonly message: string } | null; readonly hops: readonly Hop[]; readonly sources: readonly TraceSource[] };
export type TraceSource = { readonly source: string; readonly stream: string; readonly key: string; readonly version: string | null; readonly eventAt: string | null; readonly knownAt: string; readonly durableAt: string | null; readonly journal: number; readonly gone: boolean; readonly payload: Readonly<Record<string, unknown>> | null; readonly personal: PersonalPart };
export type UseCase = { readonly useCase: string; readonly gate: "serve" | "serve-flagged" | "fallback" | "hold"; readonly score: number; readonly policy: number; readonly since: number | null; readonly worstInput: ({ readonly input: string; readonly component: "freshness" | "completeness" | "consistency" | "validity"; readonly score: number; readonly ageMs: number | null; readonly why: string | null; readonly fix: string }) | null; readonly inputs: readonly InputScore[]; readonly at: number };
export type UseCases = { readonly useCases: readonly UseCase[] };
export type Verdict = { readonly gate: "serve" | "serve-flagged" | "fallback" | "hold"; readonly score: number; readonly policy: number; readonly worstInput: ({ readonly input: string; readonly component: "freshness" | "completeness" | "consistency" | "validity"; readonly score: number; readonly ageMs: number | null; readonly why: string | null; readonly fix: string }) | null };

export interface Operations {
  readHealth: { params: {}; query: {}; body: undefined; answer: Health };
  listAlerts: { params: {}; query: {}; body: undefined; answer: Alerts };
  readAssessment: { params: {}; query: {}; body: undefined; answer: Assessment };
  readCheckpoint: { params: {}; query: { from?: number }; body: undefined; answer: SignedCheckpoint };
  readProof: { params: { id: string }; query: { at?: string; k?: number }; body: undefined; answer: ProofBundle };
  listChecks: { params: {}; query: { check?: "watermark-lag" | "transit-lag" | "silence" | "count" | "sequence" | "structure" | "coverage" | "volume" | "drift" | "schema" | "references" | "duplicates" | "stock" | "price" | "orders" | "returns" | "refunds" | "clock" | "quarantine"; target?: string; state?: "learning" | "ok" | "watch" | "alarm" | "quiet" }; body: undefined; answer: Checks };
  listEntities: { params: { entity: string }; query: { stream?: string; after?: string; limit?: number }; body: undefined; answer: EntityPage };
  readEntity: { params: { entity: string; key: string }; query: { row?: string }; body: undefined; answer: Entity };
  erase: { params: {}; query: {}; body: Subject; answer: Erasure };
  listFeatures: { params: {}; query: {}; body: undefined; answer: FeatureCatalogue };
  traceFeatures: { params: { view: string; key: string }; query: { at?: string; k?: number; limit?: number }; body: undefined; answer: FeatureTrace };
  readFeatures: { params: {}; query: {}; body: { readonly views: readonly string[]; readonly keys: readonly (string | (Readonly<Record<string, string | number>>))[]; readonly shape?: "vectors" | "table" }; answer: FeatureAnswer };
  readFeatureHealth: { params: {}; query: {}; body: undefined; answer: FeatureHealth };
  listFlows: { params: {}; query: {}; body: undefined; answer: Flows };
  readFlow: { params: { flow: string }; query: {}; body: undefined; answer: FlowStatus };
  approveFlow: { params: { flow: string }; query: { dry?: "true" | "false" }; body: FlowApproval; answer: FlowAct };
  listDeliveries: { params: { flow: string }; query: { before?: string; limit?: number }; body: undefined; answer: FlowDeliveries };
  listDifferences: { params: { flow: string }; query: { before?: string; limit?: number }; body: undefined; answer: FlowDifferences };
  listGroups: { params: { flow: string }; query: { phase: "due" | "held" | "parked" | "waiting"; limit?: number }; body: undefined; answer: FlowGroups };
  pauseFlow: { params: { flow: string }; query: { dry?: "true" | "false" }; body: undefined; answer: FlowAct };
  resumeFlow: { params: { flow: string }; query: { dry?: "true" | "false" }; body: undefined; answer: FlowAct };
  resyncFlow: { params: { flow: string }; query: { dry?: "true" | "false" }; body: FlowResync; answer: FlowAct };
  retryFlow: { params: { flow: string }; query: { dry?: "true" | "false" }; body: FlowRetry; answer: FlowAct };
  testFlow: { params: { flow: string }; query: { target?: "read" | "none" }; body: FlowTest; answer: FlowTrials };
  undoFlow: { params: { flow: string }; query: { dry?: "true" | "false" }; body: FlowUndo; answer: FlowAct };
  createLink: { params: {}; query: {}; body: NewLink; answer: MadeLink };
  removeLink: { params: {}; query: {}; body: LinkEnd; answer: undefined };
  readOpenApi: { params: {}; query: {}; body: undefined; answer: Readonly<Record<string, never>> };
  listUseCases: { params: {}; query: {}; body: undefined; answer: UseCases };
  listPredictions: { params: { useCase: string }; query: { after?: string; limit?: number }; body: undefined; answer: Predictions };
  readPrediction: { params: { useCase: string; key: string }; query: {}; body: undefined; answer: OnePrediction };
  listQuarantine: { params: {}; query: {}; body: undefined; answer: Quarantine };
  correctQuarantined: { params: {}; query: {}; body: Correction; answer: Corrected };
  replayQuarantine: { params: { group: string }; query: {}; body: ReplayGroup; answer: ReplayReport };
  readReadiness: { params: {}; query: {}; body: undefined; answer: Readiness };
  readGate: { params: { entity: "product" | "variant" | "component" | "category" | "listing" | "price" | "cost" | "promotion" | "competitorOffer" | "location" | "stock" | "allocation" | "stockMovement" | "capacity" | "storeSale" | "storeSaleLine" | "calendarDay" | "supplier" | "supplierItem" | "replenishment" | "purchaseOrder" | "purchaseOrderLine" | "order" | "orderLine" | "shipment" | "shipmentLine" | "tracking" | "payment" | "refund" | "return" | "returnLine" | "customer" | "account" | "interaction" | "behaviourEvent" | "campaign" | "send" | "prediction" | "decision" | "outcome"; key: string }; query: {}; body: undefined; answer: Gate };
  listReconciliations: { params: {}; query: {}; body: undefined; answer: Reconciliations };
  readReconciliation: { params: { pair: string }; query: { limit?: number }; body: undefined; answer: Reconciliation };
  heal: { params: { pair: string }; query: {}; body: Heal; answer: Healed };
  partRow: { params: {}; query: {}; body: Row; answer: undefined };
  rejoinRow: { params: {}; query: {}; body: Row; answer: undefined };
  search: { params: {}; query: { q: string }; body: undefined; answer: Found };
  readSession: { params: {}; query: {}; body: undefined; answer: Session };
  openSession: { params: {}; query: {}; body: OneTimeCode; answer: OpenedSession };
  readStatus: { params: {}; query: {}; body: undefined; answer: Status };
  readStockHistory: { params: { source: string; sku: string; location: string }; query: { from?: string; to?: string }; body: undefined; answer: StockHistory };
  listStreams: { params: {}; query: {}; body: undefined; answer: Streams };
  releaseDeletes: { params: { source: string; stream: string }; query: {}; body: undefined; answer: Released };
  listTokens: { params: {}; query: {}; body: undefined; answer: Tokens };
  createToken: { params: {}; query: {}; body: NewToken; answer: MadeToken };
  revokeToken: { params: { name: string }; query: {}; body: undefined; answer: undefined };
  trace: { params: { id: string }; query: { personal?: "open" }; body: undefined; answer: Trace };
  confirmValue: { params: {}; query: {}; body: ConfirmedValue; answer: undefined };
  listSuspectValues: { params: {}; query: { target?: string; limit?: number }; body: undefined; answer: SuspectValues };
}

export const operations = {
  readHealth: ['GET', '/healthz'],
  listAlerts: ['GET', '/v1/alerts'],
  readAssessment: ['GET', '/v1/assessment'],
  readCheckpoint: ['GET', '/v1/audit/checkpoint'],
  readProof: ['GET', '/v1/audit/proof/{id}'],
  listChecks: ['GET', '/v1/checks'],
  listEntities: ['GET', '/v1/entities/{entity}'],
  readEntity: ['GET', '/v1/entities/{entity}/{key}'],
  erase: ['POST', '/v1/erasures'],
  listFeatures: ['GET', '/v1/features'],
  traceFeatures: ['GET', '/v1/features/facts/{view}/{key}'],
  readFeatures: ['POST', '/v1/features/online'],
  readFeatureHealth: ['GET', '/v1/features/parity'],
  listFlows: ['GET', '/v1/flows'],
  readFlow: ['GET', '/v1/flows/{flow}'],
  approveFlow: ['POST', '/v1/flows/{flow}/approve'],
  listDeliveries: ['GET', '/v1/flows/{flow}/deliveries'],
  listDifferences: ['GET', '/v1/flows/{flow}/differences'],
  listGroups: ['GET', '/v1/flows/{flow}/groups'],
  pauseFlow: ['POST', '/v1/flows/{flow}/pause'],
  resumeFlow: ['POST', '/v1/flows/{flow}/resume'],
  resyncFlow: ['POST', '/v1/flows/{flow}/resync'],
  retryFlow: ['POST', '/v1/flows/{flow}/retry'],
  testFlow: ['POST', '/v1/flows/{flow}/test'],
  undoFlow: ['POST', '/v1/flows/{flow}/undo'],
  createLink: ['POST', '/v1/links'],
  removeLink: ['DELETE', '/v1/links'],
  readOpenApi: ['GET', '/v1/openapi.json'],
  listUseCases: ['GET', '/v1/predictions'],
  listPredictions: ['GET', '/v1/predictions/{useCase}'],
  readPrediction: ['GET', '/v1/predictions/{useCase}/{key}'],
  listQuarantine: ['GET', '/v1/quarantine'],
  correctQuarantined: ['POST', '/v1/quarantine/corrections'],
  replayQuarantine: ['POST', '/v1/quarantine/{group}/replay'],
  readReadiness: ['GET', '/v1/readiness'],
  readGate: ['GET', '/v1/readiness/{entity}/{key}'],
  listReconciliations: ['GET', '/v1/reconciliation'],
  readReconciliation: ['GET', '/v1/reconciliation/{pair}'],
  heal: ['POST', '/v1/reconciliation/{pair}/heal'],
  partRow: ['POST', '/v1/rows/part'],
  rejoinRow: ['POST', '/v1/rows/rejoin'],
  search: ['GET', '/v1/search'],
  readSession: ['GET', '/v1/session'],
  openSession: ['POST', '/v1/sessions'],
  readStatus: ['GET', '/v1/status'],
  readStockHistory: ['GET', '/v1/stock-history/{source}/{sku}/{location}'],
  listStreams: ['GET', '/v1/streams'],
  releaseDeletes: ['POST', '/v1/streams/{source}/{stream}/release-deletes'],
  listTokens: ['GET', '/v1/tokens'],
  createToken: ['POST', '/v1/tokens'],
  revokeToken: ['DELETE', '/v1/tokens/{name}'],
  trace: ['GET', '/v1/trace/{id}'],
  confirmValue: ['POST', '/v1/values/confirm'],
  listSuspectValues: ['GET', '/v1/values/suspect'],
} as const;
