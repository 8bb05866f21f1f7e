-- Bundles of Records that auditors have asked for. A worker takes one whose time is due by
-- moving due_at to the end of its lease; each step that it did is written with how far the
-- work is, if the lease is still its own. Code that does not know the table goes on
-- working, and makes no exports.

-- +goose Up
CREATE TABLE exports (
    enterprise TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    asked      TEXT   NOT NULL, -- JSON, domain.ExportRequest
    actor      TEXT   NOT NULL,
    made_at    BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    done       BIGINT NOT NULL,
    total      BIGINT NOT NULL,
    work       TEXT   NOT NULL, -- JSON, how far the work is; '' once it is over
    lease      TEXT   NOT NULL, -- of whoever works on it; over at due_at
    due_at     BIGINT NOT NULL, -- 0: nothing is to be done any more
    tries      BIGINT NOT NULL, -- that failed, one after the other
    started_at BIGINT NOT NULL,
    ready_at   BIGINT NOT NULL,
    object     TEXT   NOT NULL,
    bytes      BIGINT NOT NULL,
    sha256     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (enterprise, id)
);
CREATE INDEX exports_due ON exports (due_at, enterprise, id) WHERE due_at > 0;
