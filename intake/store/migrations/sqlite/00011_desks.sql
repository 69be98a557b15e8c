-- +goose Up
-- The desk a member works at; '' in rows that were there before is the first.
ALTER TABLE members ADD COLUMN desk TEXT NOT NULL DEFAULT '';

-- Each desk reads its own record.
CREATE INDEX audit_desk ON audit (desk, seq);

-- The file of a container that was sealed anew; '' is the compartment's own name.
ALTER TABLE containers ADD COLUMN file TEXT NOT NULL DEFAULT '';

-- The desk that a reporter's identity is handed over to; '' is a request to see it.
ALTER TABLE custody ADD COLUMN for_desk TEXT NOT NULL DEFAULT '';

-- Tips that went from one desk to another: the one they left keeps its ledger's row.
CREATE TABLE transfers (
    tip       TEXT   NOT NULL REFERENCES tips (id),
    n         BIGINT NOT NULL,
    from_desk TEXT   NOT NULL,
    to_desk   TEXT   NOT NULL,
    day       TEXT   NOT NULL,
    PRIMARY KEY (tip, n)
) WITHOUT ROWID;
CREATE INDEX transfers_from ON transfers (from_desk, tip);

-- +goose Down
DROP TABLE transfers;
ALTER TABLE custody DROP COLUMN for_desk;
ALTER TABLE containers DROP COLUMN file;
DROP INDEX audit_desk;
ALTER TABLE members DROP COLUMN desk;
