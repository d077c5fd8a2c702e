-- +goose Up

-- Lines over a checkpoint by others than its author and its audience: a relay's receipt, a witness's cosignatures.
CREATE TABLE cosignatures (
  outbox INTEGER NOT NULL REFERENCES outboxes (id),
  size   INTEGER NOT NULL,
  name   TEXT    NOT NULL, -- the cosigner's key name; a witness's with its key id behind it, as its verifier key begins
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

-- What dates a head of a link's outbox: an entry of a register that commits to it (spec/register.md). Of a register of our own the
-- entry, its checkpoint and the witnesses' lines are here already, and record, note and proof are NULL; of the other side's they are kept
-- as they came: the entry opened for that head alone, the register's checkpoint with witness lines, and the inclusion, 32 bytes a hash.
CREATE TABLE datings (
  outbox   INTEGER NOT NULL REFERENCES outboxes (id),
  size     INTEGER NOT NULL, -- of the head
  register TEXT    NOT NULL, -- origin
  position INTEGER NOT NULL, -- index of the entry in the register
  taken_at INTEGER NOT NULL, -- as the entry says
  covered  INTEGER NOT NULL, -- size of the register's checkpoint that has the quorum, 0 while there is none: pending
  record   BLOB,
  note     BLOB,
  proof    BLOB,
  PRIMARY KEY (outbox, register, position)
) STRICT;

CREATE INDEX datings_by_size ON datings (outbox, size);
CREATE INDEX datings_by_register ON datings (register, covered);

-- Who may lodge entries here for whom (a relay's), with the sender's profile file of each generation of its keys.
CREATE TABLE lodgings (
  audience   TEXT    NOT NULL,
  author     TEXT    NOT NULL,
  generation INTEGER NOT NULL,
  profile    BLOB    NOT NULL,
  PRIMARY KEY (audience, author, generation)
) STRICT;

-- Profiles of the generations of this party and of others. change is the key-change record that led to it, NULL for the first that is known here.
CREATE TABLE profiles (
  party      TEXT    NOT NULL,
  generation INTEGER NOT NULL,
  profile    BLOB    NOT NULL,
  change     BLOB,
  known_at   INTEGER NOT NULL,
  compared   INTEGER NOT NULL, -- the words of these keys were compared
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
