-- Somebody who is at the vendor's own page: their attempt waits for them, and no call is
-- under way. Code that does not know the column never sends anybody there.

-- +goose Up
ALTER TABLE checks ADD COLUMN away BOOLEAN NOT NULL DEFAULT FALSE;
