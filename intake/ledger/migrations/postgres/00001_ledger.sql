-- +goose Up
-- The working ledger: a row a tip, from its first event on. What a handler wrote
-- stays sealed.
CREATE TABLE ledger_rows (
    tip         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    desk        TEXT COLLATE "C" NOT NULL,
    channel     TEXT COLLATE "C" NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    category    TEXT COLLATE "C" NOT NULL,
    conduct     TEXT COLLATE "C" NOT NULL, -- JSON array
    place       TEXT COLLATE "C" NOT NULL,
    urgent      BIGINT NOT NULL,
    real_name   BIGINT NOT NULL,
    received_on TEXT COLLATE "C" NOT NULL,
    files       BIGINT NOT NULL,
    commitment  TEXT COLLATE "C" NOT NULL,
    decided     BIGINT NOT NULL, -- order of the disposition that stands, 0 without one
    disposition TEXT COLLATE "C" NOT NULL,
    department  TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    due_on      TEXT COLLATE "C" NOT NULL,
    merged_into TEXT COLLATE "C" NOT NULL,
    sealed      BYTEA,
    state       TEXT COLLATE "C" NOT NULL,
    number      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX ledger_rows_day ON ledger_rows (received_on, tip);

-- The events that are in the ledger: each counts once.
CREATE TABLE ledger_events (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- +goose Down
DROP TABLE ledger_events;
DROP TABLE ledger_rows;
