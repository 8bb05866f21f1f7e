-- Who gives the name and the ID number that are checked, and how often a guardian has
-- agreed in a session. Code that does not know the columns leaves them as they are.
--
-- From here on, sessions for people under age have no audience of their own in the row:
-- it follows from the age group. Code that came before finds no notice for them, and so
-- asks and checks nobody under age, in the place of taking a child's own word.

-- +goose Up
ALTER TABLE sessions ADD COLUMN identity_from TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN guardian_grants BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET audience = '' WHERE age_group <> 'adult';
