-- +goose Up
-- Nearly every row comes from the public: an index of the others is small, and a
-- database without statistics takes it.
DROP INDEX ledger_rows_source;
CREATE INDEX ledger_rows_source ON ledger_rows (desk, source, received_on, tip) WHERE source <> 'public';

-- +goose Down
DROP INDEX ledger_rows_source;
CREATE INDEX ledger_rows_source ON ledger_rows (desk, source, received_on, tip);
