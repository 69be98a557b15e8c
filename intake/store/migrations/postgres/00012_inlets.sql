-- +goose Up
-- How often something became of what came in by one inlet, by day, and the hour of
-- the last time (Unix seconds). Neither tells of a person.
CREATE TABLE inlet_days (
    inlet   TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    day     TEXT COLLATE "C" NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (inlet, outcome, day)
);

CREATE TABLE inlet_last (
    inlet   TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    hour    BIGINT NOT NULL,
    PRIMARY KEY (inlet, outcome)
);

-- +goose Down
DROP TABLE inlet_last;
DROP TABLE inlet_days;
