-- +goose Up
-- Versions of role keys whose destruction was asked for; done_on is '' until it is.
CREATE TABLE epochs (
    role     TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    asker    TEXT COLLATE "C" NOT NULL,
    asked_on TEXT COLLATE "C" NOT NULL,
    done_on  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role, version)
);

-- +goose Down
DROP TABLE epochs;
