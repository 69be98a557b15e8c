-- +goose Up
-- The record is append-only: a row is written once, at the end.
-- +goose StatementBegin
CREATE TRIGGER audit_end BEFORE INSERT ON audit WHEN NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_change BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_removal BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;
-- +goose StatementEnd

-- What an auditor looks for.
CREATE INDEX audit_by_member ON audit (member, seq);
CREATE INDEX audit_by_act ON audit (act, seq);
CREATE INDEX audit_by_tip ON audit (tip, seq);
CREATE INDEX audit_by_time ON audit (at, seq);

-- +goose Down
DROP INDEX audit_by_time;
DROP INDEX audit_by_tip;
DROP INDEX audit_by_act;
DROP INDEX audit_by_member;
DROP TRIGGER audit_removal;
DROP TRIGGER audit_change;
DROP TRIGGER audit_end;
