-- +goose Up
-- The order of the event whose sealed summary stands: an event without a summary
-- leaves the last one, in whatever order the two arrive.
ALTER TABLE ledger_rows ADD COLUMN summed BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE ledger_rows DROP COLUMN summed;
