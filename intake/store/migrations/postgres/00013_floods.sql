-- +goose Up
-- Held tips of one flood. grp is sixteen bits of a keyed tag of the day: enough to
-- tell the floods of a day apart, too little to tell who sent one.
CREATE TABLE floods (
    tip   TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES tips (id),
    grp   TEXT COLLATE "C" NOT NULL,
    until TEXT COLLATE "C" NOT NULL
);
CREATE INDEX floods_grp   ON floods (grp);
CREATE INDEX floods_until ON floods (until);

-- +goose Down
DROP TABLE floods;
