-- +goose Up

-- Lines over a checkpoint by others than its author and its audience: a relay's receipt, a witness's cosignatures.
CREATE TABLE cosignatures (
  outbox INTEGER NOT NULL REFERENCES outboxes (id),
  size   INTEGER NOT NULL,
  name   TEXT    NOT NULL, -- the cosigner's key name
  lines  BLOB    NOT NULL, -- its lines, each with its line feed
  at     INTEGER NOT NULL, -- the time that they sign
  PRIMARY KEY (outbox, size, name)
) STRICT;

-- Heartbeats: Ed25519 cosignatures over a head of that size. The root is that of the checkpoint of that size.
CREATE TABLE beats (
  outbox    INTEGER NOT NULL REFERENCES outboxes (id),
  party     TEXT    NOT NULL, -- who signed: author, audience or a relay
  at        INTEGER NOT NULL, -- Unix seconds, as signed
  size      INTEGER NOT NULL,
  signature BLOB    NOT NULL,
  PRIMARY KEY (outbox, party, at)
) STRICT, WITHOUT ROWID;

-- What dates a head of a link's outbox: an entry of a register that commits to it, opened for that head alone.
-- note and proof are NULL while the entry is pending: no witness has cosigned a register checkpoint that covers it.
CREATE TABLE datings (
  outbox   INTEGER NOT NULL REFERENCES outboxes (id),
  size     INTEGER NOT NULL, -- of the head
  register TEXT    NOT NULL, -- origin
  position INTEGER NOT NULL, -- index of the entry in the register
  taken_at INTEGER NOT NULL, -- as the entry says
  record   BLOB    NOT NULL, -- the entry as a presentation
  note     BLOB,             -- the register's checkpoint with witness lines
  proof    BLOB,             -- inclusion, 32 bytes a hash
  PRIMARY KEY (outbox, register, position)
) STRICT;

CREATE INDEX datings_by_size ON datings (outbox, size);

-- Who may lodge entries here for whom (a relay's), with the sender's profile file.
CREATE TABLE lodgings (
  audience TEXT NOT NULL,
  author   TEXT NOT NULL,
  profile  BLOB NOT NULL,
  PRIMARY KEY (audience, author)
) STRICT;

-- Profiles of earlier and present generations, of this party and of others; change is the key-change record that led to it.
CREATE TABLE profiles (
  party      TEXT    NOT NULL,
  generation INTEGER NOT NULL,
  profile    BLOB    NOT NULL,
  change     BLOB,
  PRIMARY KEY (party, generation)
) STRICT;

-- A witness's: the newest head that it has cosigned of each log, and whose keys it trusts for a log.
CREATE TABLE witnessed (
  origin TEXT    PRIMARY KEY,
  size   INTEGER NOT NULL,
  root   BLOB    NOT NULL,
  note   BLOB    NOT NULL
) STRICT;

CREATE TABLE witness_keys (
  origin TEXT NOT NULL,
  vkey   TEXT NOT NULL,
  PRIMARY KEY (origin, vkey)
) STRICT;
