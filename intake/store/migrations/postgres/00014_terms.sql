-- +goose Up
-- When a tip was taken up last, for what runs from then.
ALTER TABLE tips ADD COLUMN accepted_on TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE tips SET accepted_on = COALESCE((SELECT MAX(h.day) FROM history h WHERE h.tip = tips.id AND h.state = 'accepted'), '')
    WHERE EXISTS (SELECT 1 FROM history h WHERE h.tip = tips.id AND h.state = 'accepted');
CREATE INDEX tips_unsent ON tips (desk, accepted_on, id) WHERE state = 'accepted' AND lane = 'normal';

-- Times in which a clock stands still; until_on is '' while it does. after_message is
-- the number of the last message before the question.
CREATE TABLE pauses (
    tip           TEXT COLLATE "C" NOT NULL REFERENCES tips (id),
    n             BIGINT NOT NULL,
    from_on       TEXT COLLATE "C" NOT NULL,
    wait_until    TEXT COLLATE "C" NOT NULL,
    until_on      TEXT COLLATE "C" NOT NULL,
    after_message BIGINT NOT NULL,
    PRIMARY KEY (tip, n)
);
CREATE INDEX pauses_open ON pauses (tip) WHERE until_on = '';

-- Requests to put a date off. letter is sealed to the reporter as it will be told.
CREATE TABLE extensions (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tip         TEXT COLLATE "C" NOT NULL REFERENCES tips (id),
    desk        TEXT COLLATE "C" NOT NULL,
    asker       TEXT COLLATE "C" NOT NULL,
    asked_on    TEXT COLLATE "C" NOT NULL,
    from_on     TEXT COLLATE "C" NOT NULL,
    to_on       TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    note        BYTEA   NOT NULL,
    key_version BIGINT NOT NULL,
    letter_id   TEXT COLLATE "C" NOT NULL,
    letter      BYTEA,
    state       TEXT COLLATE "C" NOT NULL,
    decider     TEXT COLLATE "C" NOT NULL,
    decided_on  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX extensions_tip ON extensions (tip, asked_on, id);
CREATE INDEX extensions_desk ON extensions (desk, state, asked_on, id);

-- The days whose dates an office was told of.
CREATE TABLE digests (
    desk TEXT COLLATE "C" NOT NULL,
    way  TEXT COLLATE "C" NOT NULL,
    day  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (desk, way, day)
);

-- +goose Down
DROP TABLE digests;
DROP TABLE extensions;
DROP TABLE pauses;
DROP INDEX tips_unsent;
ALTER TABLE tips DROP COLUMN accepted_on;
