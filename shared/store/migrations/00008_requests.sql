-- What people ask the enterprise for (their rights), and how it was answered. Texts and
-- files are encrypted. Code that does not know the tables goes on working.

-- +goose Up
CREATE TABLE requests (
    enterprise  TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    given_by    TEXT   NOT NULL, -- '' for a relative
    relation    TEXT   NOT NULL,
    session     TEXT   NOT NULL,
    opened_at   BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    wish        BYTEA  NOT NULL, -- encrypted text
    has_proof   BOOLEAN NOT NULL,
    outcome     TEXT   NOT NULL, -- '' while it waits
    ground      TEXT   NOT NULL,
    answer      BYTEA  NOT NULL, -- encrypted
    resolved_at BIGINT NOT NULL,
    resolved_by TEXT   NOT NULL, -- the key
    PRIMARY KEY (enterprise, id)
);
CREATE INDEX requests_by_subject ON requests (enterprise, subject, id);
CREATE INDEX requests_waiting ON requests (enterprise, outcome, id);

-- Apart, so that no list reads them.
CREATE TABLE request_proofs (
    enterprise TEXT  NOT NULL,
    request    TEXT  NOT NULL,
    content    BYTEA NOT NULL, -- encrypted
    PRIMARY KEY (enterprise, request)
);
