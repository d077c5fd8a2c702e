-- +goose Up

-- One row for each outbox that we write (own) or hold for its audience, ourselves (a mirror).
CREATE TABLE outboxes (
  id        INTEGER PRIMARY KEY,
  origin    TEXT    NOT NULL UNIQUE,
  own       INTEGER NOT NULL,
  size      INTEGER NOT NULL,
  root      BLOB    NOT NULL,
  receipted INTEGER NOT NULL, -- size of the newest receipt, 0 when there is none
  stopped   TEXT    NOT NULL  -- '' or why nothing is signed or pushed any more
) STRICT;

-- key = outbox << 40 | index
CREATE TABLE leaves (
  key  INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL
) STRICT;

-- The same key; no row where the content was erased.
CREATE TABLE contents (
  key     INTEGER PRIMARY KEY,
  content BLOB NOT NULL
) STRICT;

-- key = outbox << 40 | level << 37 | number
CREATE TABLE tiles (
  key    INTEGER PRIMARY KEY,
  hashes BLOB NOT NULL
) STRICT;

-- Every checkpoint that was issued (own) or verified (mirror), and the receipt over it: its two lines.
CREATE TABLE checkpoints (
  outbox       INTEGER NOT NULL REFERENCES outboxes (id),
  size         INTEGER NOT NULL,
  note         BLOB    NOT NULL,
  receipt      BLOB,
  receipted_at INTEGER,
  PRIMARY KEY (outbox, size)
) STRICT;

CREATE INDEX checkpoints_receipted ON checkpoints (outbox, size, receipted_at) WHERE receipted_at IS NOT NULL;

CREATE TABLE links (
  party     TEXT    PRIMARY KEY,
  profile   BLOB    NOT NULL,
  linked_at INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  state     TEXT    NOT NULL
) STRICT;

-- The docket: a fold over the leaves, which can be made anew from them.
CREATE TABLE cases (
  id   INTEGER PRIMARY KEY,
  link TEXT NOT NULL,
  key  TEXT NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (link, key)
) STRICT;

CREATE INDEX cases_by_link ON cases (link, id);

CREATE TABLE filings (
  key      TEXT    PRIMARY KEY,
  outbox   TEXT    NOT NULL,
  position INTEGER NOT NULL
) STRICT;

-- digest is over everything but the time, so that the same evidence is kept once.
CREATE TABLE evidence (
  id      INTEGER PRIMARY KEY,
  digest  BLOB    NOT NULL UNIQUE,
  origin  TEXT    NOT NULL,
  peer    TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  first   BLOB    NOT NULL,
  second  BLOB    NOT NULL,
  proof   BLOB    NOT NULL
) STRICT;

CREATE INDEX evidence_by_origin ON evidence (origin);

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
