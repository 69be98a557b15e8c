-- +goose Up
-- A member's second factor: secrets sealed to the member's own key. last_step is
-- the 30-second step of the code that was used last.
CREATE TABLE factors (
    holder     TEXT   NOT NULL PRIMARY KEY REFERENCES members (name),
    sealed     BLOB   NOT NULL,
    last_step  BIGINT NOT NULL,
    created_on TEXT   NOT NULL
);

-- The printed codes that are left, each hashed under a key from inside sealed.
CREATE TABLE factor_codes (
    holder TEXT NOT NULL REFERENCES factors (holder),
    hash   BLOB NOT NULL,
    PRIMARY KEY (holder, hash)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE factor_codes;
DROP TABLE factors;
