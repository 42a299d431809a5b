-- The journal: one log of everything the folds may depend on. Offsets are dense from 0.
CREATE TABLE journal (
  offset INTEGER PRIMARY KEY,
  header BLOB NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB,
  leaf BLOB NOT NULL
);

-- One row a commit: which offsets it made durable and when, for the hops of a trace.
CREATE TABLE commit_log (
  last_offset INTEGER PRIMARY KEY,
  planned_at INTEGER NOT NULL,
  written_at INTEGER NOT NULL
);

-- Cursors, sequences, the audit frontier: small values written with the entries they belong to.
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

-- Keys that a notification named and no read begun later has answered yet.
CREATE TABLE dirty (
  stream TEXT NOT NULL,
  key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  noticed_at INTEGER NOT NULL,
  PRIMARY KEY (stream, key)
) WITHOUT ROWID;

-- Delivery ids of event streams, in two generations; the older one is dropped at rotation.
CREATE TABLE event_id_current (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE event_id_previous (id TEXT PRIMARY KEY) WITHOUT ROWID;

-- Access tokens: only their hash is kept.
CREATE TABLE token (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
