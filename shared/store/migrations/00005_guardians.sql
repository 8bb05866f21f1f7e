-- Guardians decide too: a consent is on the notice for one audience, a session has a
-- code and a token for the guardian's own device, and a minor's check rests on two
-- grants. Code that does not know the columns goes on working for adults: they have defaults.

-- +goose Up
ALTER TABLE consents ADD COLUMN audience TEXT NOT NULL DEFAULT 'adult';
ALTER TABLE sessions ADD COLUMN guardian_code_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN guardian_token_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE checks ADD COLUMN guardian_consent TEXT NOT NULL DEFAULT '';
