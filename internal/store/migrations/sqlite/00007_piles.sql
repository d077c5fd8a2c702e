-- +goose Up

CREATE INDEX cases_piles ON cases (turn, status, due_at) WHERE turn > 0; -- the first due of each status
