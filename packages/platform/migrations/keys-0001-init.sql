-- Data keys of persons, wrapped by the master key. A file of its own: a copy of the data without it
-- holds no readable personal data, and destroying a row erases the person everywhere.
CREATE TABLE subject_key (
  handle BLOB PRIMARY KEY,
  wrapped BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE store_key (
  name TEXT PRIMARY KEY,
  wrapped BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE erased (
  handle BLOB PRIMARY KEY,
  at INTEGER NOT NULL
) WITHOUT ROWID;
