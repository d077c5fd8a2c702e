-- +goose Up

-- How many appeals of a kind an outbox has that were released in a day (A-19): counted without reading a case.
CREATE INDEX cases_released ON cases (outbox, kind, released_at, position, urgency) WHERE act = 'appeal';
