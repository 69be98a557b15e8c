-- +goose Up
-- What the office keeps of a row in its own words is sealed; the rest of what it
-- keeps stands in clear. version counts the office's changes.
ALTER TABLE ledger_rows ADD COLUMN work BLOB;
ALTER TABLE ledger_rows ADD COLUMN closed_on TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger_rows ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- The ledger's view pages through each of these.
CREATE INDEX ledger_rows_view ON ledger_rows (desk, received_on, tip);
CREATE INDEX ledger_rows_due ON ledger_rows (desk, due_on, tip) WHERE due_on <> '';
CREATE INDEX ledger_rows_state ON ledger_rows (desk, state, received_on, tip);
CREATE INDEX ledger_rows_category ON ledger_rows (desk, category, received_on, tip);
CREATE INDEX ledger_rows_source ON ledger_rows (desk, source, received_on, tip);
CREATE INDEX ledger_rows_department ON ledger_rows (desk, department, received_on, tip);
CREATE INDEX ledger_rows_village ON ledger_rows (desk, place, received_on, tip);
CREATE INDEX ledger_rows_town ON ledger_rows (desk, substr(place, 1, 9), received_on, tip);

-- What members changed in the ledger, written with the change itself.
CREATE TABLE ledger_changes (
    desk    TEXT   NOT NULL,
    tip     TEXT   NOT NULL,
    version BIGINT NOT NULL,
    member  TEXT   NOT NULL,
    day     TEXT   NOT NULL,
    columns TEXT   NOT NULL, -- their keys
    PRIMARY KEY (desk, tip, version)
);

-- +goose Down
DROP TABLE ledger_changes;
DROP INDEX ledger_rows_town;
DROP INDEX ledger_rows_village;
DROP INDEX ledger_rows_department;
DROP INDEX ledger_rows_source;
DROP INDEX ledger_rows_category;
DROP INDEX ledger_rows_state;
DROP INDEX ledger_rows_due;
DROP INDEX ledger_rows_view;
ALTER TABLE ledger_rows DROP COLUMN version;
ALTER TABLE ledger_rows DROP COLUMN closed_on;
ALTER TABLE ledger_rows DROP COLUMN work;
