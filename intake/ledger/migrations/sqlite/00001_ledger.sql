-- +goose Up
-- The working ledger: a row a tip, from its first event on. What a handler wrote
-- stays sealed.
CREATE TABLE ledger_rows (
    tip         TEXT   NOT NULL PRIMARY KEY,
    desk        TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    category    TEXT   NOT NULL,
    conduct     TEXT   NOT NULL, -- JSON array
    place       TEXT   NOT NULL,
    urgent      BIGINT NOT NULL,
    real_name   BIGINT NOT NULL,
    received_on TEXT   NOT NULL,
    files       BIGINT NOT NULL,
    commitment  TEXT   NOT NULL,
    decided     BIGINT NOT NULL, -- order of the disposition that stands, 0 without one
    disposition TEXT   NOT NULL,
    department  TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    due_on      TEXT   NOT NULL,
    merged_into TEXT   NOT NULL,
    sealed      BLOB,
    state       TEXT   NOT NULL,
    number      TEXT   NOT NULL
);
CREATE INDEX ledger_rows_day ON ledger_rows (received_on, tip);

-- The events that are in the ledger: each counts once.
CREATE TABLE ledger_events (
    id TEXT NOT NULL PRIMARY KEY
);

-- +goose Down
DROP TABLE ledger_events;
DROP TABLE ledger_rows;
