-- What platforms are told by webhook: an event is a row, written in the transaction of what
-- it tells, and stays until it is delivered or given up. Code that does not know the tables
-- goes on working, and tells nobody.

-- +goose Up
CREATE TABLE webhooks (
    enterprise TEXT   NOT NULL,
    id         TEXT   NOT NULL, -- of the message
    type       TEXT   NOT NULL,
    purpose    TEXT   NOT NULL, -- whose settings say where it goes
    thing      TEXT   NOT NULL, -- what it is about,
    step       TEXT   NOT NULL, -- and how far that is
    at         BIGINT NOT NULL,
    data       TEXT   NOT NULL, -- JSON, domain.EventData; '' for a session, which is looked up
    state      TEXT   NOT NULL, -- waiting, delivered, failed
    tries      BIGINT NOT NULL,
    lease      TEXT   NOT NULL, -- of whoever is sending it; over at next_at
    next_at    BIGINT NOT NULL,
    until      BIGINT NOT NULL, -- when it is given up
    ended_at   BIGINT NOT NULL,
    fault      TEXT   NOT NULL,
    status     BIGINT NOT NULL,
    PRIMARY KEY (enterprise, id)
);
-- Nobody is told twice of the same step of the same thing.
CREATE UNIQUE INDEX webhooks_once ON webhooks (enterprise, type, thing, step, purpose);
-- What is to be sent, address by address; and what may be forgotten.
CREATE INDEX webhooks_waiting ON webhooks (enterprise, purpose, next_at, id) WHERE state = 'waiting';
CREATE INDEX webhooks_ended ON webhooks (ended_at, enterprise, id) WHERE state <> 'waiting';
-- What a list of one state walks.
CREATE INDEX webhooks_by_state ON webhooks (enterprise, state, id);

CREATE TABLE webhook_secrets (
    enterprise   TEXT   NOT NULL PRIMARY KEY,
    secret       BYTEA  NOT NULL, -- encrypted
    made_at      BIGINT NOT NULL,
    former       BYTEA  NOT NULL, -- encrypted; signs beside it until
    former_until BIGINT NOT NULL
);
