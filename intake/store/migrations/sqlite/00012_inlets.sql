-- +goose Up
-- How often something became of what came in by one inlet, by day, and the hour of
-- the last time (Unix seconds). Neither tells of a person.
CREATE TABLE inlet_days (
    inlet   TEXT NOT NULL,
    outcome TEXT NOT NULL,
    day     TEXT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (inlet, outcome, day)
) WITHOUT ROWID;

CREATE TABLE inlet_last (
    inlet   TEXT NOT NULL,
    outcome TEXT NOT NULL,
    hour    BIGINT NOT NULL,
    PRIMARY KEY (inlet, outcome)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE inlet_last;
DROP TABLE inlet_days;
