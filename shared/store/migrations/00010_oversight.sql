-- What those who answer for an enterprise ask of its log: numbers over time, who has read
-- what about whom, and whose data was there between two instants. Each is one walk along
-- an index. Code that does not know the column leaves it empty; the purpose of such
-- Records, and of all from before, is read from their lines.

-- +goose Up
ALTER TABLE records ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
CREATE INDEX records_by_time ON records (enterprise, at, type, purpose, subject);
CREATE INDEX records_of_access ON records (enterprise, at, id)
    WHERE substr(type, 1, 7) IN ('access.', 'export.');
CREATE INDEX sessions_by_time ON sessions (enterprise, expires_at, created_at, kind, purpose, route, subject);
