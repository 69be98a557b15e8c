-- +goose Up
-- What opens the one original of a message that couldn't be read, while it is asked for and while it may be read.
ALTER TABLE custody ADD COLUMN raw BLOB;

-- +goose Down
ALTER TABLE custody DROP COLUMN raw;
