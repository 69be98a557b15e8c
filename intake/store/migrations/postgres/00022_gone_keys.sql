-- +goose Up
-- What is sealed to a version of a desk's key that was destroyed would be closed for ever: a part that runs with old
-- keys is refused, so that its senders come again. It reads by its owner's rights, for intake has none to this table.
-- +goose StatementBegin
CREATE FUNCTION refuse_gone_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '') THEN
        RAISE EXCEPTION 'sealed to a key that is destroyed: start this part anew with the new keys';
    END IF;
    RETURN NEW;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER parts_gone_key BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER containers_gone_key BEFORE INSERT ON containers FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER messages_gone_key BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER custody_gone_key BEFORE INSERT ON custody FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER reviews_gone_key BEFORE INSERT ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER extensions_gone_key BEFORE INSERT ON extensions FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER looks_gone_key BEFORE INSERT ON looks FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER holds_gone_key BEFORE INSERT ON holds FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();

-- +goose Down
DROP TRIGGER holds_gone_key ON holds;
DROP TRIGGER looks_gone_key ON looks;
DROP TRIGGER extensions_gone_key ON extensions;
DROP TRIGGER reviews_gone_key ON reviews;
DROP TRIGGER custody_gone_key ON custody;
DROP TRIGGER messages_gone_key ON messages;
DROP TRIGGER containers_gone_key ON containers;
DROP TRIGGER parts_gone_key ON parts;
DROP FUNCTION refuse_gone_key();
