-- What a station may read: serials and digests of keys, with who has them. Neither ids nor lines nor codes.

CREATE VIEW signet.made WITH (security_barrier) AS
    SELECT serial, serial_folded, attempt, station, time, mac, line::jsonb ->> 'spki_sha256' AS key
    FROM signet.unit;

CREATE VIEW signet.known_key WITH (security_barrier) AS
    SELECT public_key.sha256, public_key.what, unit.serial, unit.serial_folded, unit.attempt, unit.station, unit.time
    FROM signet.public_key JOIN signet.unit ON unit.id = public_key.unit;

-- A station's own unit, for who knows its random id: it is in the unit's folder and nowhere else that a station can read.
-- It waits for a transaction that is at this very row.
CREATE FUNCTION signet.mine(wanted uuid) RETURNS TABLE (serial text, attempt integer, station text, line text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(wanted::text, 0));
    RETURN QUERY SELECT unit.serial, unit.attempt, unit.station, unit.line FROM signet.unit WHERE unit.id = wanted;
END $$;

REVOKE ALL ON FUNCTION signet.mine(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION signet.chain() FROM PUBLIC;
