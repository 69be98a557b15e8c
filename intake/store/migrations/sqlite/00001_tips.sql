-- Days are dates (2006-01-02) in the office's zone; at, view_until and
-- claimed_until are Unix seconds; flags are 0 or 1. Tables with short rows have
-- no rowid: their key is the table, so there is one tree less to write.

-- +goose Up
-- What the inbox needs, in clear. conduct is a JSON array, '' when empty.
CREATE TABLE tips (
    id          TEXT   NOT NULL PRIMARY KEY,
    desk        TEXT   NOT NULL,
    key_version BIGINT NOT NULL,
    channel     TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    category    TEXT   NOT NULL,
    conduct     TEXT   NOT NULL,
    place       TEXT   NOT NULL,
    town        TEXT   NOT NULL,
    village     TEXT   NOT NULL,
    urgent      BIGINT NOT NULL,
    lane        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    real_name   BIGINT NOT NULL,
    reply       TEXT   NOT NULL,
    received_on TEXT   NOT NULL,
    files       BIGINT NOT NULL,
    commitment  TEXT   NOT NULL,
    unread      BIGINT NOT NULL,
    department  TEXT   NOT NULL,
    due_on      TEXT   NOT NULL
) WITHOUT ROWID;

-- One index for each filter of the inbox, each in the order of its pages.
CREATE INDEX tips_day      ON tips (desk, received_on, id);
CREATE INDEX tips_lane     ON tips (desk, lane, received_on, id);
CREATE INDEX tips_state    ON tips (desk, state, received_on, id);
CREATE INDEX tips_standing ON tips (desk, lane, state, received_on, id);
CREATE INDEX tips_channel  ON tips (desk, channel, received_on, id);
CREATE INDEX tips_category ON tips (desk, category, received_on, id);
CREATE INDEX tips_town     ON tips (desk, town, received_on, id);
CREATE INDEX tips_village  ON tips (desk, village, received_on, id);
CREATE INDEX tips_unread   ON tips (desk, received_on, id) WHERE unread = 1;

CREATE TABLE receipts (
    tag      BLOB NOT NULL PRIMARY KEY,
    tip      TEXT NOT NULL REFERENCES tips (id),
    reporter TEXT NOT NULL
);
CREATE INDEX receipts_tip ON receipts (tip);

-- Small sealed texts. n tells apart what was noted at the same state twice.
CREATE TABLE parts (
    tip         TEXT   NOT NULL REFERENCES tips (id),
    compartment TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    n           BIGINT NOT NULL,
    desk        TEXT   NOT NULL,
    key_version BIGINT NOT NULL,
    sealed      BLOB   NOT NULL,
    PRIMARY KEY (tip, compartment, name, n)
);

-- Sealed containers; inline is NULL when the container stands in its file.
CREATE TABLE containers (
    tip         TEXT   NOT NULL REFERENCES tips (id),
    compartment TEXT   NOT NULL,
    desk        TEXT   NOT NULL,
    key_version BIGINT NOT NULL,
    inline      BLOB,
    PRIMARY KEY (tip, compartment)
);

CREATE TABLE streams (
    tip         TEXT   NOT NULL,
    compartment TEXT   NOT NULL,
    n           BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    start       BIGINT NOT NULL,
    length      BIGINT NOT NULL,
    PRIMARY KEY (tip, compartment, n),
    FOREIGN KEY (tip, compartment) REFERENCES containers (tip, compartment)
) WITHOUT ROWID;

CREATE TABLE history (
    tip   TEXT   NOT NULL REFERENCES tips (id),
    n     BIGINT NOT NULL,
    state TEXT   NOT NULL,
    day   TEXT   NOT NULL,
    PRIMARY KEY (tip, n)
) WITHOUT ROWID;

-- n is the order inside the tip.
CREATE TABLE messages (
    tip         TEXT   NOT NULL REFERENCES tips (id),
    n           BIGINT NOT NULL,
    id          TEXT   NOT NULL,
    sender      TEXT   NOT NULL,
    day         TEXT   NOT NULL,
    desk        TEXT   NOT NULL,
    key_version BIGINT NOT NULL,
    sealed      BLOB   NOT NULL,
    PRIMARY KEY (tip, n)
);
CREATE UNIQUE INDEX messages_id ON messages (id);

-- Keyed tags. until is the last day a message's tag counts, and the first day a
-- sender's tag doesn't any more.
CREATE TABLE message_tags (
    tag   BLOB NOT NULL PRIMARY KEY,
    tip   TEXT NOT NULL REFERENCES tips (id),
    until TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX message_tags_until ON message_tags (until);
CREATE INDEX message_tags_tip ON message_tags (tip);

CREATE TABLE sender_tags (
    tag   BLOB NOT NULL,
    tip   TEXT NOT NULL REFERENCES tips (id),
    until TEXT NOT NULL,
    PRIMARY KEY (tag, tip)
) WITHOUT ROWID;
CREATE INDEX sender_tags_until ON sender_tags (until);
CREATE INDEX sender_tags_tip ON sender_tags (tip);

-- Committed events that the queue hasn't taken yet, in the order of seq.
CREATE TABLE outbox (
    seq           INTEGER PRIMARY KEY,
    id            TEXT   NOT NULL,
    type          TEXT   NOT NULL,
    tip           TEXT   NOT NULL REFERENCES tips (id),
    desk          TEXT   NOT NULL,
    day           TEXT   NOT NULL,
    body          BLOB   NOT NULL,
    claimed_by    TEXT   NOT NULL,
    claimed_until BIGINT NOT NULL
);
CREATE UNIQUE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_tip ON outbox (tip, seq);

-- Kept counts, moved by the transaction that moves the tip.
CREATE TABLE counters (
    desk   TEXT   NOT NULL,
    lane   TEXT   NOT NULL,
    state  TEXT   NOT NULL,
    n      BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    PRIMARY KEY (desk, lane, state)
) WITHOUT ROWID;

CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY,
    at     BIGINT NOT NULL,
    member TEXT   NOT NULL,
    act    TEXT   NOT NULL,
    desk   TEXT   NOT NULL,
    tip    TEXT   NOT NULL,
    detail TEXT   NOT NULL,
    prev   TEXT   NOT NULL,
    hash   TEXT   NOT NULL
);

-- seq is the order in which identities were asked for.
CREATE TABLE custody (
    seq         INTEGER PRIMARY KEY,
    id          TEXT   NOT NULL,
    tip         TEXT   NOT NULL REFERENCES tips (id),
    desk        TEXT   NOT NULL,
    key_version BIGINT NOT NULL,
    asker       TEXT   NOT NULL,
    asked_on    TEXT   NOT NULL,
    reason      BLOB   NOT NULL,
    inner_layer BLOB,
    state       TEXT   NOT NULL,
    decider     TEXT   NOT NULL,
    decided_on  TEXT   NOT NULL,
    view        BLOB,
    view_until  BIGINT NOT NULL
);
CREATE UNIQUE INDEX custody_id ON custody (id);
CREATE INDEX custody_desk ON custody (desk, state, seq);
CREATE INDEX custody_tip ON custody (tip, seq);
CREATE INDEX custody_view ON custody (view_until) WHERE state = 'approved';

CREATE TABLE members (
    name        TEXT   NOT NULL PRIMARY KEY,
    roles       TEXT   NOT NULL, -- JSON array
    recipient   TEXT   NOT NULL,
    locked      BLOB   NOT NULL, -- the member's key under their passphrase
    must_change BIGINT NOT NULL,
    disabled    BIGINT NOT NULL,
    created_on  TEXT   NOT NULL
);

CREATE TABLE drafts (
    member TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);

CREATE TABLE role_keys (
    role      TEXT   NOT NULL,
    version   BIGINT NOT NULL,
    recipient TEXT   NOT NULL,
    PRIMARY KEY (role, version)
);

-- A role key's secret, sealed to one holder.
CREATE TABLE grants (
    holder  TEXT   NOT NULL,
    role    TEXT   NOT NULL,
    version BIGINT NOT NULL,
    sealed  BLOB   NOT NULL,
    PRIMARY KEY (holder, role, version)
);

-- +goose Down
DROP TABLE grants;
DROP TABLE role_keys;
DROP TABLE drafts;
DROP TABLE members;
DROP TABLE custody;
DROP TABLE audit;
DROP TABLE counters;
DROP TABLE outbox;
DROP TABLE sender_tags;
DROP TABLE message_tags;
DROP TABLE messages;
DROP TABLE history;
DROP TABLE streams;
DROP TABLE containers;
DROP TABLE parts;
DROP TABLE receipts;
DROP TABLE tips;
