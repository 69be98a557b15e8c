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
    tip      TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tips (id),
    into_tip TEXT COLLATE "C" NOT NULL REFERENCES tips (id),
    back     TEXT COLLATE "C" NOT NULL,
    day      TEXT COLLATE "C" NOT NULL,
    member   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX merges_into ON merges (into_tip, tip);

-- Refusals that a second reviewer is to see, one a tip.
CREATE TABLE reviews (
    tip         TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tips (id),
    id          TEXT COLLATE "C" NOT NULL,
    desk        TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    asker       TEXT COLLATE "C" NOT NULL,
    asked_on    TEXT COLLATE "C" NOT NULL,
    to_state    TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    sealed      BYTEA  NOT NULL,
    key_version BIGINT NOT NULL
);
CREATE INDEX reviews_desk ON reviews (desk, asked_on, tip);

-- A member's saved views of the inbox, sealed to them.
CREATE TABLE views (
    member TEXT COLLATE "C" NOT NULL,
    id     TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
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
