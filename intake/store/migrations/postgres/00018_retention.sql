-- +goose Up
-- The day a tip's destruction was approved, '' for one that is kept.
ALTER TABLE tips ADD COLUMN destroyed_on TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX tips_kept ON tips (desk, state, received_on, id) WHERE destroyed_on = '' AND state IN ('declined', 'referred', 'merged', 'spam', 'withdrawn', 'concluded', 'answered');

-- What keeps a tip from being destroyed; lifted_on is '' while it does.
CREATE TABLE holds (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tip         TEXT COLLATE "C" NOT NULL REFERENCES tips (id),
    desk        TEXT COLLATE "C" NOT NULL,
    by_member   TEXT COLLATE "C" NOT NULL,
    day         TEXT COLLATE "C" NOT NULL,
    note        BYTEA   NOT NULL,
    key_version BIGINT NOT NULL,
    lifted_by   TEXT COLLATE "C" NOT NULL,
    lifted_on   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX holds_tip ON holds (tip);
CREATE INDEX holds_open ON holds (desk, day, id) WHERE lifted_on = '';

-- Destructions as they are asked for, decided and carried out, and their certificates.
CREATE TABLE destructions (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tip         TEXT COLLATE "C" NOT NULL REFERENCES tips (id),
    desk        TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    disposition TEXT COLLATE "C" NOT NULL,
    since       TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    asker       TEXT COLLATE "C" NOT NULL,
    asked_on    TEXT COLLATE "C" NOT NULL,
    decider     TEXT COLLATE "C" NOT NULL,
    decided_on  TEXT COLLATE "C" NOT NULL,
    done_on     TEXT COLLATE "C" NOT NULL,
    backups_end TEXT COLLATE "C" NOT NULL,
    scrubbed_on TEXT COLLATE "C" NOT NULL,
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
