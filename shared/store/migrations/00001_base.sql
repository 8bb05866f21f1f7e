-- The base: tenants, what they lay down, people, sessions, decisions, checks, records.
--
-- One text for SQLite and PostgreSQL (and engines that speak its dialect): every
-- key starts with the enterprise; times are milliseconds since 1970 UTC, 0 for
-- "not"; no triggers, no sequences, no NULL. Records have no foreign keys, so that
-- nothing that is deleted elsewhere can break the log.

-- +goose Up
CREATE TABLE enterprises (
    id         TEXT   NOT NULL PRIMARY KEY,
    profile    TEXT   NOT NULL, -- JSON, domain.Profile
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at  BIGINT NOT NULL DEFAULT 0
);

-- enterprise is '' for an operator's key.
CREATE TABLE keys (
    enterprise  TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    holder      TEXT   NOT NULL,
    secret_hash TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    revoked_at  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (enterprise, id)
);
CREATE UNIQUE INDEX keys_by_secret ON keys (enterprise, secret_hash);
CREATE INDEX keys_by_id ON keys (id);

CREATE TABLE delegations (
    enterprise  TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    terms       TEXT   NOT NULL, -- JSON, domain.Terms
    sha256      TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL,
    revoked_at  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (enterprise, id)
);

CREATE TABLE agreement_files (
    enterprise TEXT  NOT NULL,
    delegation TEXT  NOT NULL,
    content    BYTEA NOT NULL,
    PRIMARY KEY (enterprise, delegation)
);

CREATE TABLE notices (
    enterprise     TEXT    NOT NULL,
    purpose        TEXT    NOT NULL,
    audience       TEXT    NOT NULL,
    version        BIGINT  NOT NULL,
    id             TEXT    NOT NULL,
    delegation     TEXT    NOT NULL,
    facts          TEXT    NOT NULL, -- JSON, domain.Facts
    contents       TEXT    NOT NULL, -- JSON, locale to domain.Contents
    changes        TEXT    NOT NULL, -- JSON, list of domain.Change
    hashes         TEXT    NOT NULL, -- JSON, locale to SHA-256
    material       BOOLEAN NOT NULL,
    material_since BIGINT  NOT NULL,
    effective_from BIGINT  NOT NULL,
    published_at   BIGINT  NOT NULL,
    PRIMARY KEY (enterprise, purpose, audience, version)
);
CREATE UNIQUE INDEX notices_by_id ON notices (enterprise, id);

-- Every version stays: an assessment is kept three years (PIPL art. 56). purpose
-- is '' for the switch of the face service.
CREATE TABLE settings (
    enterprise TEXT   NOT NULL,
    purpose    TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    doc        TEXT   NOT NULL, -- JSON, domain.PurposeSettings or the switch
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (enterprise, purpose, version)
);

-- The row of a subject is what every event about them locks and updates, so that
-- their Records are in one order.
CREATE TABLE subjects (
    enterprise TEXT   NOT NULL,
    id         TEXT   NOT NULL, -- the pseudonym
    lookup     TEXT   NOT NULL, -- keyed index of the LMS's id
    sealed_id  BYTEA  NOT NULL, -- the LMS's id, encrypted
    records    BIGINT NOT NULL DEFAULT 0,
    head       TEXT   NOT NULL DEFAULT '',
    head_at    BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (enterprise, id)
);
CREATE UNIQUE INDEX subjects_by_lookup ON subjects (enterprise, lookup);

CREATE TABLE sessions (
    enterprise   TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    purpose      TEXT   NOT NULL,
    route        TEXT   NOT NULL,
    age_group    TEXT   NOT NULL,
    audience     TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    resource     TEXT   NOT NULL,
    nonce        TEXT   NOT NULL,
    client_ref   TEXT   NOT NULL,
    return_url   TEXT   NOT NULL,
    locale       TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    code_hash    TEXT   NOT NULL,
    token_hash   TEXT   NOT NULL,
    secret       BYTEA  NOT NULL, -- the reference, under a key of the session's own
    secret_key   BYTEA  NOT NULL, -- that key, under the data key
    fails        BIGINT NOT NULL,
    uploads      BIGINT NOT NULL,
    last_result  TEXT   NOT NULL,
    last_reason  TEXT   NOT NULL,
    shown_notice TEXT   NOT NULL, -- JSON, domain.NoticeRef
    evidence     TEXT   NOT NULL, -- JSON, domain.Evidence
    PRIMARY KEY (enterprise, id)
);
CREATE INDEX sessions_by_subject ON sessions (enterprise, subject, id);
CREATE INDEX sessions_by_resource ON sessions (enterprise, resource, id);

-- One row a decision; the latest of a subject and purpose is the current one.
CREATE TABLE consents (
    enterprise    TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    purpose       TEXT   NOT NULL,
    seq           BIGINT NOT NULL, -- of its Record among the subject's
    id            TEXT   NOT NULL, -- of its Record
    given_by      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    cause         TEXT   NOT NULL,
    routes        TEXT   NOT NULL, -- JSON
    notice        TEXT   NOT NULL, -- JSON, domain.NoticeRef
    delegation    TEXT   NOT NULL, -- JSON, domain.DelegationRef
    session       TEXT   NOT NULL,
    given_at      BIGINT NOT NULL,
    until         BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    commitment    TEXT   NOT NULL,
    salt          BYTEA  NOT NULL,
    withdraw_hash TEXT   NOT NULL,
    PRIMARY KEY (enterprise, subject, purpose, seq)
);
CREATE UNIQUE INDEX consents_by_id ON consents (enterprise, id);

CREATE TABLE checks (
    enterprise      TEXT   NOT NULL,
    session         TEXT   NOT NULL,
    attempt         TEXT   NOT NULL,
    started         TEXT   NOT NULL, -- the Record check.started
    result          TEXT   NOT NULL, -- '' while it runs
    reason          TEXT   NOT NULL,
    capture         TEXT   NOT NULL,
    started_at      BIGINT NOT NULL,
    deadline_at     BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL,
    consent         TEXT   NOT NULL,
    notice          TEXT   NOT NULL, -- JSON, domain.NoticeRef
    notice_in_force TEXT   NOT NULL, -- JSON, domain.NoticeRef
    delegation      TEXT   NOT NULL, -- JSON, domain.DelegationRef
    PRIMARY KEY (enterprise, session, attempt)
);

-- The log. A subject's Records have one order (subject_seq), and no two of them
-- the same place in it.
CREATE TABLE records (
    enterprise  TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    type        TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    subject     TEXT   NOT NULL,
    subject_seq BIGINT NOT NULL,
    leaf        TEXT   NOT NULL,
    line        TEXT   NOT NULL,
    PRIMARY KEY (enterprise, id)
);
CREATE UNIQUE INDEX records_by_subject ON records (enterprise, subject, subject_seq) WHERE subject <> '';

-- Answers to requests that carried an Idempotency-Key, for 24 hours. realm is the
-- enterprise, or 'operator'.
CREATE TABLE answers (
    realm       TEXT   NOT NULL,
    actor       TEXT   NOT NULL,
    once_key    TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL, -- of method, path and body
    answer      BYTEA  NOT NULL, -- encrypted
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (realm, actor, once_key)
);
CREATE INDEX answers_by_age ON answers (created_at);
