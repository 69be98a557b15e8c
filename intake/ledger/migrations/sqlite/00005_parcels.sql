-- +goose Up
-- Parcels (图斑) that came in batches from above: what is to be put right, where and
-- by when. Who answers for one stands in the sealed text alone.
CREATE TABLE ledger_parcels (
    desk         TEXT   NOT NULL,
    batch        TEXT   NOT NULL,
    number       TEXT   NOT NULL, -- 图斑编号
    place        TEXT   NOT NULL,
    lat          TEXT   NOT NULL, -- as it was entered
    lon          TEXT   NOT NULL,
    datum        TEXT   NOT NULL,
    area         TEXT   NOT NULL, -- 亩, as it was entered
    category     TEXT   NOT NULL,
    source       TEXT   NOT NULL,
    due_on       TEXT   NOT NULL,
    evidence_due TEXT   NOT NULL, -- 举证
    state        TEXT   NOT NULL, -- of the ledger's own
    closed_on    TEXT   NOT NULL, -- 销号
    sealed       BLOB,
    imported_on  TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    PRIMARY KEY (desk, batch, number)
);
CREATE INDEX ledger_parcels_number ON ledger_parcels (desk, number);
CREATE INDEX ledger_parcels_place ON ledger_parcels (desk, place, number);
CREATE INDEX ledger_parcels_due ON ledger_parcels (desk, due_on, number);

-- The rows of clues that were imported: a file that comes again adds nothing. Both
-- tags are hashes.
CREATE TABLE ledger_imports (
    desk    TEXT NOT NULL,
    row_tag TEXT NOT NULL, -- of the batch and the row's own number
    content TEXT NOT NULL, -- of what the row said
    tip     TEXT NOT NULL,
    day     TEXT NOT NULL,
    PRIMARY KEY (desk, row_tag)
);

-- Which column of an office's own sheet is which of ours. A sheet without headings
-- would show its first row here, so the text is sealed.
CREATE TABLE ledger_maps (
    desk   TEXT NOT NULL,
    kind   TEXT NOT NULL, -- clues, parcels, ledger
    name   TEXT NOT NULL, -- the hash of its name
    sealed BLOB NOT NULL,
    PRIMARY KEY (desk, kind, name)
);

-- +goose Down
DROP TABLE ledger_maps;
DROP TABLE ledger_imports;
DROP TABLE ledger_parcels;
