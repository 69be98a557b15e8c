-- +goose Up
-- How many outcomes the desk was told of a tip, and the date they put it off to.
ALTER TABLE ledger_rows ADD COLUMN outcomes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_rows ADD COLUMN put_off TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX ledger_rows_number ON ledger_rows (desk, number) WHERE number <> '';

-- What the ledger tells the desk, written with the row it tells of. It stays, as
-- the row's history, also when the desk has it (told).
CREATE TABLE ledger_outcomes (
    seq           INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    tip           TEXT NOT NULL,
    desk          TEXT NOT NULL,
    body          BLOB NOT NULL,
    claimed_by    TEXT NOT NULL,
    claimed_until BIGINT NOT NULL,
    relayed_as    TEXT NOT NULL,
    told          BIGINT NOT NULL
);
CREATE INDEX ledger_outcomes_untold ON ledger_outcomes (seq) WHERE told = 0;
CREATE INDEX ledger_outcomes_tip ON ledger_outcomes (tip, seq);

-- +goose Down
DROP TABLE ledger_outcomes;
DROP INDEX ledger_rows_number;
ALTER TABLE ledger_rows DROP COLUMN put_off;
ALTER TABLE ledger_rows DROP COLUMN outcomes;
