-- +goose Up
-- Answers on their way to a phone or a mailbox, and the proof that they were told.
-- claimed is when the sending began, in Unix seconds.
CREATE TABLE dispatches (
    seq         INTEGER PRIMARY KEY,
    id          TEXT   NOT NULL,
    tip         TEXT   NOT NULL REFERENCES tips (id),
    desk        TEXT   NOT NULL,
    message     TEXT   NOT NULL,
    asker       TEXT   NOT NULL,
    asked_on    TEXT   NOT NULL,
    inner_layer BLOB,
    answer      BLOB,
    state       TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    result      TEXT   NOT NULL,
    decider     TEXT   NOT NULL,
    day         TEXT   NOT NULL,
    tries       BIGINT NOT NULL,
    claimed     BIGINT NOT NULL
);
CREATE UNIQUE INDEX dispatches_id ON dispatches (id);
CREATE INDEX dispatches_desk ON dispatches (desk, state, seq);
CREATE INDEX dispatches_tip ON dispatches (tip, seq);

-- What reporters decided after their report. done is 1 once it was carried out.
CREATE TABLE wishes (
    tip  TEXT   NOT NULL REFERENCES tips (id),
    kind TEXT   NOT NULL,
    day  TEXT   NOT NULL,
    done BIGINT NOT NULL,
    PRIMARY KEY (tip, kind)
) WITHOUT ROWID;
CREATE INDEX wishes_open ON wishes (tip) WHERE done = 0;

-- The urgent tips that were announced, by each way there is. Those that are here
-- by now need none.
CREATE TABLE alerted (
    tip TEXT   NOT NULL REFERENCES tips (id),
    way TEXT   NOT NULL,
    PRIMARY KEY (tip, way)
) WITHOUT ROWID;
INSERT INTO alerted (tip, way) SELECT id, 'mail' FROM tips WHERE urgent = 1;
INSERT INTO alerted (tip, way) SELECT id, 'webhook' FROM tips WHERE urgent = 1;

-- +goose Down
DROP TABLE alerted;
DROP TABLE wishes;
DROP TABLE dispatches;
