-- Roles belong to the server and not to the database: a dump has their rights, but not the roles themselves.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'signet_station') THEN
        CREATE ROLE signet_station NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'signet_labels') THEN
        CREATE ROLE signet_labels NOLOGIN;
    END IF;
END $$;
GRANT signet_station TO CURRENT_USER;
