-- +goose Up
-- How many files came with a message, so that their reporter is told so under the receipt.
ALTER TABLE messages ADD COLUMN files INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE messages DROP COLUMN files;
