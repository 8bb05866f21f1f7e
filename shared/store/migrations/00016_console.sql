-- What the console asks besides: how often checks end in a fail on each route, and who has
-- to be asked again after a change. Each is one walk along an index that holds nothing
-- else. Code that does not know the column leaves it empty; the route of such Records, and
-- of all from before, is read from their lines.

-- +goose Up
ALTER TABLE records ADD COLUMN route TEXT NOT NULL DEFAULT '';
CREATE INDEX records_of_outcomes ON records (enterprise, at, type, purpose, route)
    WHERE type IN ('check.passed', 'check.failed');
CREATE INDEX consents_lapsed ON consents (enterprise, purpose, audience, cause, ended_at, subject, given_by, seq)
    WHERE state = 'lapsed';
