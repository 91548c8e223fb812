-- Attempts are chained, and rows stay as they are. Who owns the tables can undo both.

CREATE FUNCTION signet.chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Whoever asks for this id (signet.mine) waits until it is known whether this row stays.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.id::text, 0));
    NEW.serial_folded := lower(NEW.serial COLLATE "C");
    SELECT id INTO NEW.replaces FROM signet.unit
    WHERE serial_folded = NEW.serial_folded AND attempt = NEW.attempt - 1;
    RETURN NEW;
END $$;

CREATE TRIGGER chain BEFORE INSERT ON signet.unit FOR EACH ROW EXECUTE FUNCTION signet.chain();

CREATE FUNCTION signet.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'setup_code' AND EXISTS (
        SELECT FROM pg_roles WHERE rolname = 'signet_labels' AND pg_has_role(current_user, oid, 'MEMBER')
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the ledger only grows: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER no_row_changes BEFORE UPDATE OR DELETE ON signet.unit
    FOR EACH ROW EXECUTE FUNCTION signet.refuse();
CREATE TRIGGER no_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON signet.unit
    FOR EACH STATEMENT EXECUTE FUNCTION signet.refuse();
CREATE TRIGGER no_row_changes BEFORE UPDATE OR DELETE ON signet.public_key
    FOR EACH ROW EXECUTE FUNCTION signet.refuse();
CREATE TRIGGER no_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON signet.public_key
    FOR EACH STATEMENT EXECUTE FUNCTION signet.refuse();
-- Codes that were printed may go: the role signet_labels deletes them.
CREATE TRIGGER no_row_changes BEFORE UPDATE OR DELETE ON signet.setup_code
    FOR EACH ROW EXECUTE FUNCTION signet.refuse();
CREATE TRIGGER no_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON signet.setup_code
    FOR EACH STATEMENT EXECUTE FUNCTION signet.refuse();
