-- +goose Up
-- The record is append-only: a row is written once, at the end.
-- +goose StatementBegin
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only';
END;
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION audit_at_its_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= (SELECT COALESCE(MAX(seq), 0) FROM audit) THEN
        RAISE EXCEPTION 'the record is append-only';
    END IF;
    RETURN NEW;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_end BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_at_its_end();
CREATE TRIGGER audit_change BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_removal BEFORE DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

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
DROP TRIGGER audit_removal ON audit;
DROP TRIGGER audit_change ON audit;
DROP TRIGGER audit_end ON audit;
DROP FUNCTION audit_at_its_end();
DROP FUNCTION audit_append_only();
