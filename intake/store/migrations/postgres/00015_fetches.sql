-- +goose Up
-- Files that wait at a gateway's provider. The address is sealed under intake's own
-- key, and forgotten when it is given up.
CREATE TABLE fetches (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tip     TEXT COLLATE "C" NOT NULL REFERENCES tips (id),
    gateway TEXT COLLATE "C" NOT NULL,
    n       BIGINT NOT NULL,
    day     TEXT COLLATE "C" NOT NULL,
    sealed  BYTEA,
    state   TEXT COLLATE "C" NOT NULL,
    cause   TEXT COLLATE "C" NOT NULL,
    tries   BIGINT NOT NULL,
    again   BIGINT NOT NULL -- Unix seconds
);
CREATE INDEX fetches_due ON fetches (again) WHERE state = 'waiting';
CREATE INDEX fetches_tip ON fetches (tip);

-- +goose Down
DROP TABLE fetches;
