-- +goose Up
-- What is shown of a channel that intake asks by itself, and who asks: times are
-- Unix seconds, 0 for never.
CREATE TABLE channels (
    name      TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    provider  TEXT COLLATE "C"   NOT NULL,
    worked_at BIGINT NOT NULL,
    cause     TEXT COLLATE "C"   NOT NULL,
    since     BIGINT NOT NULL,
    failures  BIGINT NOT NULL,
    remaining BIGINT NOT NULL
);

CREATE TABLE leases (
    name   TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C"   NOT NULL,
    until  BIGINT NOT NULL -- Unix milliseconds
);

-- Keyed tags of a mailbox's messages that are done with and may still be there.
CREATE TABLE mailbox_marks (
    mailbox TEXT COLLATE "C" NOT NULL,
    id      BYTEA NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (mailbox, id)
);

-- +goose Down
DROP TABLE mailbox_marks;
DROP TABLE leases;
DROP TABLE channels;
