-- +goose Up
-- Files that wait at a gateway's provider. The address is sealed under intake's own
-- key, and forgotten when it is given up.
CREATE TABLE fetches (
    id      TEXT NOT NULL PRIMARY KEY,
    tip     TEXT NOT NULL REFERENCES tips (id),
    gateway TEXT NOT NULL,
    n       BIGINT NOT NULL,
    day     TEXT NOT NULL,
    sealed  BLOB,
    state   TEXT NOT NULL,
    cause   TEXT NOT NULL,
    tries   BIGINT NOT NULL,
    again   BIGINT NOT NULL -- Unix seconds
) WITHOUT ROWID;
CREATE INDEX fetches_due ON fetches (again) WHERE state = 'waiting';
CREATE INDEX fetches_tip ON fetches (tip);

-- +goose Down
DROP TABLE fetches;
