-- +goose Up
-- Reports of days that are over, as they were first given out: the same day's report
-- stays the same file. Sealed to the ledger's key.
CREATE TABLE ledger_reports (
    desk   TEXT NOT NULL,
    kind   TEXT NOT NULL, -- daily, weekly, monthly
    day    TEXT NOT NULL, -- its first
    lang   TEXT NOT NULL,
    sealed BLOB NOT NULL,
    member TEXT NOT NULL, -- who took it first
    made   TEXT NOT NULL,
    PRIMARY KEY (desk, kind, day, lang)
);

-- +goose Down
DROP TABLE ledger_reports;
