-- What each part of tipline may do in PostgreSQL. The desk's user owns the tables:
-- it runs `tipline init` and, after an update, starts first. Then, after a restore and after every
-- update, the owner runs this file:
--
--   CREATE ROLE tipline_desk   LOGIN PASSWORD '…';   -- owner of the database
--   CREATE ROLE tipline_intake LOGIN PASSWORD '…';
--   CREATE ROLE tipline_relay  LOGIN PASSWORD '…';
--   CREATE ROLE tipline_ledger LOGIN PASSWORD '…';
--   CREATE DATABASE tipline OWNER tipline_desk;
--   psql "$OWNER_URL" -v ON_ERROR_STOP=1 -1 -f postgres-grants.sql
--
-- With a ledger.database of its own, run the same file there too: it grants what is there.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM tipline_intake, tipline_relay, tipline_ledger;
GRANT USAGE ON SCHEMA public TO tipline_intake, tipline_relay, tipline_ledger;

DO $$ BEGIN
IF to_regclass('goose_db_version') IS NOT NULL THEN
    -- Intake puts tips in and reads what a receipt shows. It can't read what was sealed
    -- to the desk, who is a member, or any grant of a key.
    GRANT SELECT ON goose_db_version, role_keys TO tipline_intake;
    GRANT INSERT ON parts, containers, streams, outbox, floods TO tipline_intake;
    GRANT INSERT, SELECT ON tips, receipts, history, messages, sender_tags TO tipline_intake;
    GRANT INSERT, SELECT, DELETE ON waiting TO tipline_intake;
    GRANT INSERT, SELECT, UPDATE, DELETE ON fetches TO tipline_intake;
    GRANT INSERT, SELECT, UPDATE ON message_tags, counters TO tipline_intake;
    GRANT INSERT, SELECT ON wishes TO tipline_intake;
    GRANT SELECT (tip, compartment) ON parts TO tipline_intake;
    GRANT SELECT (seq, tip, state, day) ON dispatches TO tipline_intake;
    GRANT UPDATE (unread, do_not_contact, reply, real_name) ON tips TO tipline_intake;
    GRANT INSERT, SELECT, UPDATE ON channels, leases, inlet_days, inlet_last TO tipline_intake;
    GRANT INSERT, SELECT, UPDATE, DELETE ON mailbox_marks TO tipline_intake;
    GRANT UPDATE (opened_on) ON receipts TO tipline_intake;
    GRANT SELECT (tip, compartment) ON containers TO tipline_intake;
    GRANT SELECT ON pauses TO tipline_intake;

    -- The relay carries events away.
    GRANT SELECT ON goose_db_version TO tipline_relay;
    GRANT SELECT, UPDATE, DELETE ON outbox TO tipline_relay;
END IF;
IF to_regclass('ledger_version') IS NOT NULL THEN
    -- The ledger keeps its rows.
    GRANT SELECT ON ledger_version TO tipline_ledger;
    GRANT SELECT, INSERT ON ledger_events TO tipline_ledger;
    GRANT SELECT, INSERT, UPDATE ON ledger_rows, ledger_outcomes TO tipline_ledger;
END IF;
END $$;
