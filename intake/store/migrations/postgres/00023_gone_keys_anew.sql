-- +goose Up
-- A tip that goes to another desk, and an identity that is handed over, are sealed anew in their rows: the trigger of 22,
-- which looks at new rows alone, let a part that runs with old keys seal them to a key that was destroyed.
CREATE TRIGGER parts_gone_key_anew BEFORE UPDATE OF desk, key_version ON parts FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER containers_gone_key_anew BEFORE UPDATE OF desk, key_version ON containers FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER messages_gone_key_anew BEFORE UPDATE OF desk, key_version ON messages FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();
CREATE TRIGGER holds_gone_key_anew BEFORE UPDATE OF desk, key_version ON holds FOR EACH ROW EXECUTE FUNCTION refuse_gone_key();

-- +goose Down
DROP TRIGGER holds_gone_key_anew ON holds;
DROP TRIGGER messages_gone_key_anew ON messages;
DROP TRIGGER containers_gone_key_anew ON containers;
DROP TRIGGER parts_gone_key_anew ON parts;
