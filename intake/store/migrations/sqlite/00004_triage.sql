-- +goose Up
-- What the inbox filters by beside 00001's: by the date that runs in its order,
-- the rest in the order of the pages. What few tips have stands in an index of
-- those alone, so that the others pay nothing for it.
CREATE INDEX tips_due       ON tips (desk, lane, due_on, id) WHERE due_on <> '';
CREATE INDEX tips_undue     ON tips (desk, received_on, id) WHERE due_on = '';
CREATE INDEX tips_urgent    ON tips (desk, received_on, id) WHERE urgent = 1;
CREATE INDEX tips_real_name ON tips (desk, received_on, id) WHERE real_name = 1;
CREATE INDEX tips_source    ON tips (desk, source, received_on, id) WHERE source <> 'public';

-- Tips that are handled together with another; back is the state they return to.
CREATE TABLE merges (
    tip      TEXT NOT NULL PRIMARY KEY REFERENCES tips (id),
    into_tip TEXT NOT NULL REFERENCES tips (id),
    back     TEXT NOT NULL,
    day      TEXT NOT NULL,
    member   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX merges_into ON merges (into_tip, tip);

-- Refusals that a second reviewer is to see, one a tip.
CREATE TABLE reviews (
    tip         TEXT   NOT NULL PRIMARY KEY REFERENCES tips (id),
    id          TEXT   NOT NULL,
    desk        TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    asker       TEXT   NOT NULL,
    asked_on    TEXT   NOT NULL,
    to_state    TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    sealed      BLOB   NOT NULL,
    key_version BIGINT NOT NULL
);
CREATE INDEX reviews_desk ON reviews (desk, asked_on, tip);

-- A member's saved views of the inbox, sealed to them.
CREATE TABLE views (
    member TEXT NOT NULL,
    id     TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (member, id)
);

-- +goose Down
DROP TABLE views;
DROP TABLE reviews;
DROP TABLE merges;
DROP INDEX tips_source;
DROP INDEX tips_real_name;
DROP INDEX tips_urgent;
DROP INDEX tips_undue;
DROP INDEX tips_due;
