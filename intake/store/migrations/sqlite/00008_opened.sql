-- +goose Up
-- The day a receipt was last opened, '' before the first time: shown to whoever
-- opens it next, so that another's use is noticed.
ALTER TABLE receipts ADD COLUMN opened_on TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE receipts DROP COLUMN opened_on;
