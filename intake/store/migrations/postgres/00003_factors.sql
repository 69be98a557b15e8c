-- +goose Up
-- A member's second factor: secrets sealed to the member's own key. last_step is
-- the 30-second step of the code that was used last.
CREATE TABLE factors (
    holder     TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES members (name),
    sealed     BYTEA NOT NULL,
    last_step  BIGINT NOT NULL,
    created_on TEXT COLLATE "C" NOT NULL
);

-- The printed codes that are left, each hashed under a key from inside sealed.
CREATE TABLE factor_codes (
    holder TEXT COLLATE "C" NOT NULL REFERENCES factors (holder),
    hash   BYTEA NOT NULL,
    PRIMARY KEY (holder, hash)
);

-- +goose Down
DROP TABLE factor_codes;
DROP TABLE factors;
