-- +goose Up
-- The sender asked not to be written to.
ALTER TABLE tips ADD COLUMN do_not_contact BIGINT NOT NULL DEFAULT 0;

-- Parts of long texts until the others are here, sealed; tag is the part's
-- message tag. No row stays for more than minutes.
CREATE TABLE waiting (
    grp    BLOB   NOT NULL,
    number BIGINT NOT NULL,
    total  BIGINT NOT NULL,
    tag    BLOB   NOT NULL,
    sealed BLOB   NOT NULL,
    PRIMARY KEY (grp, number)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE waiting;
ALTER TABLE tips DROP COLUMN do_not_contact;
