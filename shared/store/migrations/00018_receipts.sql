-- The index of receipts begins with the receipt. While the statistics know of few people's
-- consents, one that begins with the enterprise looks as good as any for finding a person's,
-- and the server walks everybody's.

-- +goose Up
CREATE UNIQUE INDEX IF NOT EXISTS consents_by_receipt ON consents (id, enterprise);
DROP INDEX IF EXISTS consents_by_id;
