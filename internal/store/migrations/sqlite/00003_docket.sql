-- +goose Up

-- What a case is found by: docket.Index, and where its reminders stand. Rows that were here before are filled at the next Open.
ALTER TABLE cases ADD COLUMN outbox      TEXT    NOT NULL DEFAULT ''; -- origin of the opening, '' where it is not here
ALTER TABLE cases ADD COLUMN position    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN ours        INTEGER NOT NULL DEFAULT 0; -- who opened it: 0 unknown, 1 this party, 2 the other
ALTER TABLE cases ADD COLUMN appeal      INTEGER NOT NULL DEFAULT 0; -- 1: an appeal, what could be one, or the check of a contact point
ALTER TABLE cases ADD COLUMN act         TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN kind        TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN class       TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN channel     TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN tlp         TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN urgency     TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN level       TEXT    NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN status      TEXT    NOT NULL DEFAULT ''; -- once received: see outboxes.receipted for what is not
ALTER TABLE cases ADD COLUMN turn        INTEGER NOT NULL DEFAULT 0; -- who must act: 0 nobody, 1 this party, 2 the other
ALTER TABLE cases ADD COLUMN released_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN due_at      INTEGER NOT NULL DEFAULT 9223372036854775807; -- that number: never. So it sorts last everywhere
ALTER TABLE cases ADD COLUMN next_at     INTEGER;                    -- when to look at it again; NULL: nothing to remind of
ALTER TABLE cases ADD COLUMN stage       INTEGER NOT NULL DEFAULT 0; -- how far the reminders are; 0: none yet
ALTER TABLE cases ADD COLUMN changed     INTEGER NOT NULL DEFAULT 0; -- rises with every change, over all cases

CREATE INDEX cases_next ON cases (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX cases_changed ON cases (changed);
CREATE INDEX cases_open ON cases (turn, due_at, link) WHERE turn <> 0;
CREATE INDEX cases_open_by_link ON cases (turn, link, due_at) WHERE turn <> 0;
CREATE INDEX cases_by_status ON cases (status);
CREATE INDEX cases_by_link_status ON cases (link, status);
