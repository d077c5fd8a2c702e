-- +goose Up

CREATE INDEX cases_answers ON cases (ours, status) WHERE appeal = 1; -- the newest answers to what we asked, which nobody has to act on
