-- The log gives each Record its place: -1 until it has one. A log's row says how many have
-- one; the tiles are the hashes of its tree (C2SP tlog-tiles), and the checkpoint is the
-- last one that was published. Code that does not know the columns goes on writing
-- Records, which get their place all the same.

-- +goose Up
ALTER TABLE records ADD COLUMN place BIGINT NOT NULL DEFAULT -1;
CREATE INDEX records_unplaced ON records (enterprise, at, subject_seq, id) WHERE place = -1;
CREATE UNIQUE INDEX records_by_place ON records (enterprise, place) WHERE place >= 0;

CREATE TABLE logs (
    enterprise TEXT   NOT NULL PRIMARY KEY,
    size       BIGINT NOT NULL,
    root       TEXT   NOT NULL, -- hex
    published  BIGINT NOT NULL, -- the size that the checkpoint tells
    checkpoint TEXT   NOT NULL,
    keys       TEXT   NOT NULL, -- that check it, one a line
    placed_at  BIGINT NOT NULL
);

CREATE TABLE log_tiles (
    enterprise TEXT   NOT NULL,
    level      BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    hashes     BYTEA  NOT NULL, -- 32 bytes each, 256 of them in a full one
    PRIMARY KEY (enterprise, level, n)
);
