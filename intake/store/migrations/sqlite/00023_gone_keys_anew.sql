-- +goose Up
-- A tip that goes to another desk, and an identity that is handed over, are sealed anew in their rows: the trigger of 22,
-- which looks at new rows alone, let a part that runs with old keys seal them to a key that was destroyed.
-- +goose StatementBegin
CREATE TRIGGER parts_gone_key_anew BEFORE UPDATE OF desk, key_version ON parts
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER containers_gone_key_anew BEFORE UPDATE OF desk, key_version ON containers
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER messages_gone_key_anew BEFORE UPDATE OF desk, key_version ON messages
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER holds_gone_key_anew BEFORE UPDATE OF desk, key_version ON holds
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER holds_gone_key_anew;
DROP TRIGGER messages_gone_key_anew;
DROP TRIGGER containers_gone_key_anew;
DROP TRIGGER parts_gone_key_anew;
