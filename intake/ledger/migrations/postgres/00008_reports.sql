-- +goose Up
-- Reports of days that are over, as they were first given out: the same day's report
-- stays the same file. Sealed to the ledger's key.
CREATE TABLE ledger_reports (
    desk   TEXT COLLATE "C" NOT NULL,
    kind   TEXT COLLATE "C" NOT NULL, -- daily, weekly, monthly
    day    TEXT COLLATE "C" NOT NULL, -- its first
    lang   TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    member TEXT COLLATE "C" NOT NULL, -- who took it first
    made   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (desk, kind, day, lang)
);

-- +goose Down
DROP TABLE ledger_reports;
