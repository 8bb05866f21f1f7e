-- An export says how many Records its bundle holds, and whether it is a last one: what an
-- enterprise takes along whose service has ended. Code that does not know the columns goes
-- on making exports that have a time, and lets an enterprise say that it has its records
-- without one.

-- +goose Up
ALTER TABLE exports ADD COLUMN records BIGINT NOT NULL DEFAULT 0;
ALTER TABLE exports ADD COLUMN last BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX exports_last ON exports (enterprise, id) WHERE last;
CREATE INDEX enterprises_to_hand_over ON enterprises (closed_at, id) WHERE closed_at > 0 AND acknowledged_at = 0;
