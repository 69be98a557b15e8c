-- +goose Up
-- What stood on a village's sheet: a tip's id, or the number of a parcel from above. A sheet adds reports by the
-- public only along with as many new lines of other origin.
CREATE TABLE ledger_shown (
    desk TEXT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (desk, line)
);

-- +goose Down
DROP TABLE ledger_shown;
