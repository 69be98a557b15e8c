-- +goose Up
-- When the database's files were written anew behind a key's destruction, '' before.
ALTER TABLE epochs ADD COLUMN scrubbed_on TEXT NOT NULL DEFAULT '';

-- Spam that nobody read is destroyed together; batch names those that one certificate is about.
ALTER TABLE destructions ADD COLUMN batch TEXT NOT NULL DEFAULT '';
CREATE INDEX destructions_batch ON destructions (batch, id) WHERE batch <> '';

-- +goose Down
DROP INDEX destructions_batch;
ALTER TABLE destructions DROP COLUMN batch;
ALTER TABLE epochs DROP COLUMN scrubbed_on;
