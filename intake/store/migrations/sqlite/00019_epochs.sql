-- +goose Up
-- Versions of role keys whose destruction was asked for; done_on is '' until it is.
CREATE TABLE epochs (
    role     TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    asker    TEXT   NOT NULL,
    asked_on TEXT   NOT NULL,
    done_on  TEXT   NOT NULL,
    PRIMARY KEY (role, version)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE epochs;
