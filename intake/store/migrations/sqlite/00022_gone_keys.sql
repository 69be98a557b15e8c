-- +goose Up
-- What is sealed to a version of a desk's key that was destroyed would be closed for ever: a part that runs with old
-- keys is refused, so that its senders come again.
-- +goose StatementBegin
CREATE TRIGGER parts_gone_key BEFORE INSERT ON parts
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER containers_gone_key BEFORE INSERT ON containers
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER messages_gone_key BEFORE INSERT ON messages
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER custody_gone_key BEFORE INSERT ON custody
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reviews_gone_key BEFORE INSERT ON reviews
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER extensions_gone_key BEFORE INSERT ON extensions
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER looks_gone_key BEFORE INSERT ON looks
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER holds_gone_key BEFORE INSERT ON holds
    WHEN EXISTS (SELECT 1 FROM epochs WHERE role = 'desk:' || NEW.desk AND version = NEW.key_version AND done_on <> '')
BEGIN
    SELECT RAISE(ABORT, 'sealed to a key that is destroyed: start this part anew with the new keys');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER holds_gone_key;
DROP TRIGGER looks_gone_key;
DROP TRIGGER extensions_gone_key;
DROP TRIGGER reviews_gone_key;
DROP TRIGGER custody_gone_key;
DROP TRIGGER messages_gone_key;
DROP TRIGGER containers_gone_key;
DROP TRIGGER parts_gone_key;
