-- +goose Up
-- The day on which the row's date was told: of two acceptances in one place the one told later holds, also when
-- its date is earlier.
ALTER TABLE ledger_rows ADD COLUMN told_on TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE ledger_rows DROP COLUMN told_on;
