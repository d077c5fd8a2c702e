-- +goose Up

-- Who may call the API over the network. Of a token only its SHA-256 is kept.
CREATE TABLE tokens (
  id         INTEGER PRIMARY KEY,
  name       TEXT    NOT NULL,
  hash       BLOB    NOT NULL UNIQUE,
  scopes     TEXT    NOT NULL, -- words with commas between
  links      TEXT    NOT NULL, -- parties with commas between, '' for all
  tlp        TEXT    NOT NULL, -- the highest marking that it sees, '' for all
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER,          -- about when it was used last
  revoked_at INTEGER
) STRICT;

-- A name is free again when its token is revoked.
CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;
