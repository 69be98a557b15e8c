-- +goose Up
-- The stream entry an event went to. It stays here until the ledger's group has
-- acknowledged that entry: a stream can be lost.
ALTER TABLE outbox ADD COLUMN relayed_as TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_free ON outbox (seq) WHERE relayed_as = '';
CREATE INDEX outbox_relayed ON outbox (seq) WHERE relayed_as <> '';

-- The newest word of the ledger that each tip followed; sequence is 0 while they
-- come without one.
CREATE TABLE outcomes (
    tip      TEXT NOT NULL PRIMARY KEY REFERENCES tips (id),
    sequence BIGINT NOT NULL,
    event    TEXT NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE outcomes;
DROP INDEX outbox_relayed;
DROP INDEX outbox_free;
ALTER TABLE outbox DROP COLUMN relayed_as;
