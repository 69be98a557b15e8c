-- +goose Up
-- What a department still has to do, village by village.
CREATE INDEX ledger_rows_open ON ledger_rows (desk, department, place, tip) WHERE disposition = 'accepted' AND state <> 'concluded';

-- +goose Down
DROP INDEX ledger_rows_open;
