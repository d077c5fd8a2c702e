-- +goose Up
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
-- outboxes of ours and mirrors of others; the head row serialises each of them
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY,
    origin       TEXT    NOT NULL UNIQUE,
    own          BOOLEAN NOT NULL,
    size         BIGINT  NOT NULL,
    root         BLOB    NOT NULL,
    note         BLOB,
    receipted    BIGINT  NOT NULL,
    stopped      TEXT    NOT NULL
);
-- key = outbox.id << 40 | index
CREATE TABLE leaf (
    key  INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL
);
CREATE TABLE content (
    key  INTEGER PRIMARY KEY,
    data BLOB NOT NULL
);
-- key = outbox.id << 40 | level << 33 | n ; a tile is replaced until it is full
CREATE TABLE tile (
    key  INTEGER PRIMARY KEY,
    data BLOB NOT NULL
);
-- every checkpoint that was issued (own) or taken (mirrors); key = outbox.id << 40 | size
CREATE TABLE checkpoint (
    key        INTEGER PRIMARY KEY,
    note       BLOB   NOT NULL,
    receipt    BLOB,
    receipt_at BIGINT
);
CREATE INDEX checkpoint_receipted ON checkpoint (key) WHERE receipt_at IS NOT NULL;
CREATE TABLE link (
    party     TEXT PRIMARY KEY,
    profile   BLOB    NOT NULL,
    linked_at BIGINT  NOT NULL,
    confirmed BOOLEAN NOT NULL,
    state     TEXT    NOT NULL
);
CREATE TABLE docket (
    id   INTEGER PRIMARY KEY,
    link TEXT NOT NULL,
    name TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (link, name)
);
-- idempotency keys of our own staff
CREATE TABLE filing (
    name   TEXT PRIMARY KEY,
    origin TEXT   NOT NULL,
    entry  BIGINT NOT NULL
);
CREATE TABLE evidence (
    id       INTEGER PRIMARY KEY,
    origin   TEXT   NOT NULL,
    peer     TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    found_at BIGINT NOT NULL,
    a        BLOB   NOT NULL,
    b        BLOB   NOT NULL,
    proof    BLOB   NOT NULL,
    UNIQUE (origin, a, b)
);
