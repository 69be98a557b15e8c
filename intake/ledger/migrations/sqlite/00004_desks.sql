-- +goose Up
-- A row a tip in each desk's ledger: a tip that went to another desk stands in the
-- one it left too, with that one's last word.
CREATE TABLE ledger_desks (
    tip         TEXT   NOT NULL,
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
    number      TEXT   NOT NULL,
    summed      BIGINT NOT NULL DEFAULT 0,
    outcomes    BIGINT NOT NULL DEFAULT 0,
    put_off     TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (desk, tip)
);
INSERT INTO ledger_desks (tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment, decided, disposition, department,
    reason, due_on, merged_into, sealed, state, number, summed, outcomes, put_off)
SELECT tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment, decided, disposition, department,
    reason, due_on, merged_into, sealed, state, number, summed, outcomes, put_off FROM ledger_rows;
DROP TABLE ledger_rows;
ALTER TABLE ledger_desks RENAME TO ledger_rows;
CREATE INDEX ledger_rows_day ON ledger_rows (received_on, tip);
CREATE UNIQUE INDEX ledger_rows_number ON ledger_rows (desk, number) WHERE number <> '';
CREATE INDEX ledger_rows_tip ON ledger_rows (tip);

-- +goose Down
CREATE TABLE ledger_desks (
    tip         TEXT   NOT NULL,
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
    number      TEXT   NOT NULL,
    summed      BIGINT NOT NULL DEFAULT 0,
    outcomes    BIGINT NOT NULL DEFAULT 0,
    put_off     TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (tip)
);
INSERT INTO ledger_desks (tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment, decided, disposition, department,
    reason, due_on, merged_into, sealed, state, number, summed, outcomes, put_off)
SELECT tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment, decided, disposition, department,
    reason, due_on, merged_into, sealed, state, number, summed, outcomes, put_off FROM ledger_rows r WHERE NOT EXISTS (SELECT 1 FROM ledger_rows o WHERE o.tip = r.tip AND (o.decided > r.decided OR o.decided = r.decided AND o.desk > r.desk));
DROP TABLE ledger_rows;
ALTER TABLE ledger_desks RENAME TO ledger_rows;
CREATE INDEX ledger_rows_day ON ledger_rows (received_on, tip);
CREATE UNIQUE INDEX ledger_rows_number ON ledger_rows (desk, number) WHERE number <> '';
