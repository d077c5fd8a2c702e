-- +goose Up

-- What a start page asks for. Rows that were here before are filled at the next Open.
ALTER TABLE cases ADD COLUMN irregular INTEGER NOT NULL DEFAULT 0; -- 1: a move breaks a rule, or the opening is not here

CREATE INDEX cases_waiting ON cases (turn, link, ours, status, appeal, due_at) WHERE turn > 0; -- counted without reading a case; no list takes it
CREATE INDEX cases_irregular ON cases (irregular) WHERE irregular <> 0;
CREATE INDEX cases_other_acts ON cases (act, link) WHERE act <> 'appeal';
