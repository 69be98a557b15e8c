-- +goose Up
-- 1 where a tip went to another desk: the row stays, so that an event that comes late
-- finds it, and shows nowhere.
ALTER TABLE ledger_rows ADD COLUMN gone BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE ledger_rows DROP COLUMN gone;
