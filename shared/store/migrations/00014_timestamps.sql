-- The word of an authority outside that a checkpoint existed at a time (RFC 3161). A log's
-- row says of which size the newest one is, since when one is asked for in vain (0: it is
-- not), and when one may be asked for again. Code that does not know them goes on publishing checkpoints, which get their
-- timestamps later.

-- +goose Up
CREATE TABLE timestamps (
    enterprise TEXT   NOT NULL,
    size       BIGINT NOT NULL, -- that the checkpoint tells
    checkpoint TEXT   NOT NULL,
    tsr        BYTEA  NOT NULL, -- TimeStampResp, see package timestamp
    at         BIGINT NOT NULL, -- by the authority's clock
    PRIMARY KEY (enterprise, size)
);
ALTER TABLE logs ADD COLUMN stamped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE logs ADD COLUMN stamp_missed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE logs ADD COLUMN stamp_due_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX logs_unstamped ON logs (stamp_due_at, enterprise) WHERE stamped < published;
