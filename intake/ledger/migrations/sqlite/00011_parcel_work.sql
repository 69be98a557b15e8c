-- +goose Up
-- When the evidence for a parcel (举证) was handed in, '' while it wasn't.
ALTER TABLE ledger_parcels ADD COLUMN evidence_on TEXT NOT NULL DEFAULT '';

-- What became of a parcel, step by step. The reason is sealed.
CREATE TABLE ledger_parcel_moves (
    desk    TEXT   NOT NULL,
    batch   TEXT   NOT NULL,
    number  TEXT   NOT NULL,
    version BIGINT NOT NULL, -- of the parcel, from then on
    member  TEXT   NOT NULL,
    day     TEXT   NOT NULL,
    state   TEXT   NOT NULL,
    reason  BLOB,
    PRIMARY KEY (desk, batch, number, version)
);

-- The list pages through each of these.
DROP INDEX ledger_parcels_number;
DROP INDEX ledger_parcels_place;
DROP INDEX ledger_parcels_due;
CREATE INDEX ledger_parcels_number ON ledger_parcels (desk, number, batch);
CREATE INDEX ledger_parcels_place ON ledger_parcels (desk, place, number, batch);
CREATE INDEX ledger_parcels_state ON ledger_parcels (desk, state, number, batch);
CREATE INDEX ledger_parcels_due ON ledger_parcels (desk, due_on, number, batch) WHERE due_on <> '' AND state <> 'concluded';
CREATE INDEX ledger_parcels_evidence ON ledger_parcels (desk, evidence_due, number, batch) WHERE evidence_due <> '' AND evidence_on = '' AND state <> 'concluded';

-- +goose Down
DROP INDEX ledger_parcels_evidence;
DROP INDEX ledger_parcels_due;
DROP INDEX ledger_parcels_state;
DROP INDEX ledger_parcels_place;
DROP INDEX ledger_parcels_number;
CREATE INDEX ledger_parcels_number ON ledger_parcels (desk, number);
CREATE INDEX ledger_parcels_place ON ledger_parcels (desk, place, number);
CREATE INDEX ledger_parcels_due ON ledger_parcels (desk, due_on, number);
DROP TABLE ledger_parcel_moves;
ALTER TABLE ledger_parcels DROP COLUMN evidence_on;
