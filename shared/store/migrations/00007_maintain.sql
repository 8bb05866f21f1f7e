-- What the timer looks for, each in an index of its own that holds little else: sessions
-- whose time is over, checks without an outcome, grants that may have ended by themselves.
-- The conditions are those of store/backlog.go, word for word: an engine uses such an
-- index only where it can see that. Code that does not know the indexes goes on working.

-- +goose Up
CREATE INDEX sessions_holding_secrets ON sessions (expires_at, enterprise, id)
    WHERE length(secret) > 0 OR length(secret_key) > 0;
CREATE INDEX sessions_to_settle ON sessions (expires_at, enterprise, id)
    WHERE state = 'open' OR (kind <> 'consent' AND state IN ('consented', 'refused'));
CREATE INDEX checks_without_outcome ON checks (deadline_at, enterprise, session) WHERE result = '';
CREATE INDEX grants_by_term ON consents (until, enterprise, id) WHERE state = 'granted';
CREATE INDEX grants_by_notice ON consents (enterprise, purpose, audience, given_at, id) WHERE state = 'granted';
