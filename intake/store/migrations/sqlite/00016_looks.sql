-- +goose Up
-- The number that the ledger gave a tip, as it said last.
ALTER TABLE outcomes ADD COLUMN number TEXT NOT NULL DEFAULT '';
CREATE INDEX outcomes_number ON outcomes (number) WHERE number <> '';

-- The parcel that a tip is about, under a keyed tag.
CREATE TABLE parcel_tags (
    tip  TEXT NOT NULL PRIMARY KEY REFERENCES tips (id),
    desk TEXT NOT NULL,
    tag  BLOB NOT NULL
);
CREATE INDEX parcel_tags_tag ON parcel_tags (desk, tag);

-- Appointments to look at a tip again; result is '' while one is open. letter is sealed
-- to the reporter as it will be asked.
CREATE TABLE looks (
    id          TEXT   NOT NULL PRIMARY KEY,
    tip         TEXT   NOT NULL REFERENCES tips (id),
    desk        TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    due_on      TEXT   NOT NULL,
    from_tip    TEXT   NOT NULL,
    number      TEXT   NOT NULL,
    by_member   TEXT   NOT NULL,
    day         TEXT   NOT NULL,
    note        BLOB,
    key_version BIGINT NOT NULL,
    letter_id   TEXT   NOT NULL,
    letter      BLOB,
    asked_on    TEXT   NOT NULL,
    result      TEXT   NOT NULL,
    done_by     TEXT   NOT NULL,
    done_on     TEXT   NOT NULL
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
