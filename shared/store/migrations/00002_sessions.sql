-- A session can be handed over to another device of the person's: a second code,
-- and the token that only reads from then on. Code that does not know the columns
-- goes on working: they have defaults, and it leaves them as they are.

-- +goose Up
ALTER TABLE sessions ADD COLUMN handover_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN handover_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN follower_hash TEXT NOT NULL DEFAULT '';

-- How often a person has agreed in the session.
ALTER TABLE sessions ADD COLUMN grants BIGINT NOT NULL DEFAULT 0;
