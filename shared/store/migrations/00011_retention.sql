-- What is kept of a person goes when its time is over: review_at is when the timer looks at
-- them again, restricted_at when what was held became evidence alone. A closed enterprise
-- says that it has its records, and then nobody is left of it. Code that does not know
-- the columns goes on working: it leaves them as they are, and a new person of its is
-- looked at by the next timer.

-- +goose Up
ALTER TABLE subjects ADD COLUMN review_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subjects ADD COLUMN restricted_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX subjects_to_review ON subjects (review_at, enterprise, id);
ALTER TABLE enterprises ADD COLUMN acknowledged_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE enterprises ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX enterprises_to_empty ON enterprises (acknowledged_at, id) WHERE acknowledged_at > 0 AND erased_at = 0;
