-- +goose Up
-- The day a tip's destruction was approved, '' for one that is kept.
ALTER TABLE tips ADD COLUMN destroyed_on TEXT NOT NULL DEFAULT '';
CREATE INDEX tips_kept ON tips (desk, state, received_on, id) WHERE destroyed_on = '' AND state IN ('declined', 'referred', 'merged', 'spam', 'withdrawn', 'concluded', 'answered');

-- What keeps a tip from being destroyed; lifted_on is '' while it does.
CREATE TABLE holds (
    id          TEXT   NOT NULL PRIMARY KEY,
    tip         TEXT   NOT NULL REFERENCES tips (id),
    desk        TEXT   NOT NULL,
    by_member   TEXT   NOT NULL,
    day         TEXT   NOT NULL,
    note        BLOB   NOT NULL,
    key_version BIGINT NOT NULL,
    lifted_by   TEXT   NOT NULL,
    lifted_on   TEXT   NOT NULL
);
CREATE INDEX holds_tip ON holds (tip);
CREATE INDEX holds_open ON holds (desk, day, id) WHERE lifted_on = '';

-- Destructions as they are asked for, decided and carried out, and their certificates.
CREATE TABLE destructions (
    id          TEXT   NOT NULL PRIMARY KEY,
    tip         TEXT   NOT NULL REFERENCES tips (id),
    desk        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    disposition TEXT   NOT NULL,
    since       TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    asker       TEXT   NOT NULL,
    asked_on    TEXT   NOT NULL,
    decider     TEXT   NOT NULL,
    decided_on  TEXT   NOT NULL,
    done_on     TEXT   NOT NULL,
    backups_end TEXT   NOT NULL,
    scrubbed_on TEXT   NOT NULL,
    texts       BIGINT NOT NULL,
    messages    BIGINT NOT NULL,
    files       BIGINT NOT NULL
);
CREATE INDEX destructions_tip ON destructions (tip);
CREATE INDEX destructions_desk ON destructions (desk, state, asked_on, id);
CREATE INDEX destructions_rough ON destructions (id) WHERE state = 'done' AND scrubbed_on = '';

-- +goose Down
DROP TABLE destructions;
DROP TABLE holds;
DROP INDEX tips_kept;
ALTER TABLE tips DROP COLUMN destroyed_on;
