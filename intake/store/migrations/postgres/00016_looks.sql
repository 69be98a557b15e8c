-- +goose Up
-- The number that the ledger gave a tip, as it said last.
ALTER TABLE outcomes ADD COLUMN number TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX outcomes_number ON outcomes (number) WHERE number <> '';

-- The parcel that a tip is about, under a keyed tag.
CREATE TABLE parcel_tags (
    tip  TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tips (id),
    desk TEXT COLLATE "C" NOT NULL,
    tag  BYTEA NOT NULL
);
CREATE INDEX parcel_tags_tag ON parcel_tags (desk, tag);

-- Appointments to look at a tip again; result is '' while one is open. letter is sealed
-- to the reporter as it will be asked.
CREATE TABLE looks (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tip         TEXT COLLATE "C" NOT NULL REFERENCES tips (id),
    desk        TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    due_on      TEXT COLLATE "C" NOT NULL,
    from_tip    TEXT COLLATE "C" NOT NULL,
    number      TEXT COLLATE "C" NOT NULL,
    by_member   TEXT COLLATE "C" NOT NULL,
    day         TEXT COLLATE "C" NOT NULL,
    note        BYTEA,
    key_version BIGINT NOT NULL,
    letter_id   TEXT COLLATE "C" NOT NULL,
    letter      BYTEA,
    asked_on    TEXT COLLATE "C" NOT NULL,
    result      TEXT COLLATE "C" NOT NULL,
    done_by     TEXT COLLATE "C" NOT NULL,
    done_on     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX looks_open ON looks (desk, due_on, id) WHERE result = '';
CREATE INDEX looks_over ON looks (desk, done_on, id) WHERE result <> '';
CREATE INDEX looks_tip ON looks (tip);
CREATE INDEX looks_from ON looks (from_tip) WHERE from_tip <> '';
CREATE INDEX looks_ask ON looks (due_on) WHERE result = '' AND asked_on = '' AND letter IS NOT NULL;

-- +goose Down
DROP TABLE looks;
DROP TABLE parcel_tags;
DROP INDEX outcomes_number;
ALTER TABLE outcomes DROP COLUMN number;
