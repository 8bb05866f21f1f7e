-- What one deployment must not change unnoticed: marks of the keys that its database
-- was begun with.

-- +goose Up
CREATE TABLE deployment (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
