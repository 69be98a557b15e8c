-- +goose Up
-- What is shown of a channel that intake asks by itself, and who asks: times are
-- Unix seconds, 0 for never.
CREATE TABLE channels (
    name      TEXT   NOT NULL PRIMARY KEY,
    provider  TEXT   NOT NULL,
    worked_at BIGINT NOT NULL,
    cause     TEXT   NOT NULL,
    since     BIGINT NOT NULL,
    failures  BIGINT NOT NULL,
    remaining BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE leases (
    name   TEXT   NOT NULL PRIMARY KEY,
    holder TEXT   NOT NULL,
    until  BIGINT NOT NULL -- Unix milliseconds
) WITHOUT ROWID;

-- Keyed tags of a mailbox's messages that are done with and may still be there.
CREATE TABLE mailbox_marks (
    mailbox TEXT NOT NULL,
    id      BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (mailbox, id)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE mailbox_marks;
DROP TABLE leases;
DROP TABLE channels;
