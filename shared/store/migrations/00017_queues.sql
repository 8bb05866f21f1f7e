-- Those who wait for the face API wait in order. Code that does not know the tables lets
-- everybody through as they come.

-- A queue for each route. It counts rounds, in each of which every enterprise that waits has
-- one turn: a round is a million, pace is how much of it passes in a millisecond, and round
-- was reached at the database's time in the column at. The next call of the face API may be
-- made at the time in the column free, in microseconds: the next slot. Due is how many have
-- been called and took none, in millionths, wanted when somebody last had to wait for one, in
-- milliseconds again.

-- +goose Up
CREATE TABLE queues (
    route  TEXT   NOT NULL PRIMARY KEY,
    round  BIGINT NOT NULL,
    pace   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    free   BIGINT NOT NULL,
    due    BIGINT NOT NULL,
    wanted BIGINT NOT NULL
);

-- An enterprise's lane in it: the round in which its last turn ends.
CREATE TABLE lanes (
    enterprise TEXT   NOT NULL,
    route      TEXT   NOT NULL,
    finish     BIGINT NOT NULL,
    PRIMARY KEY (enterprise, route)
);
CREATE INDEX lanes_waiting ON lanes (route, finish);

-- A session's turn is the round in which it comes; called is when it was last given a slot, 0
-- if never. It goes with the session.
CREATE TABLE turns (
    enterprise TEXT   NOT NULL,
    session    TEXT   NOT NULL,
    turn       BIGINT NOT NULL,
    called     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (enterprise, session)
);
