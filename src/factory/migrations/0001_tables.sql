-- What the factory has made. Rows are only ever added: the triggers of 0002 refuse everything else.

CREATE TABLE signet.unit (
    -- Random, made by the station before it asks anybody: it finds its own row by it.
    id uuid PRIMARY KEY,
    serial text NOT NULL CHECK (serial ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    -- Serials are not case-sensitive. The trigger fills it in.
    serial_folded text NOT NULL CHECK (serial_folded = lower(serial COLLATE "C")),
    attempt integer NOT NULL CHECK (attempt >= 1),
    -- The attempt before. The trigger fills it in.
    replaces uuid UNIQUE REFERENCES signet.unit (id) CHECK ((attempt = 1) = (replaces IS NULL)),
    station text NOT NULL CHECK (length(station) BETWEEN 1 AND 64),
    -- The server's clock: no station may say it.
    time timestamptz NOT NULL DEFAULT clock_timestamp(),
    mac text,
    -- The manifest's line, without the setup code.
    line text NOT NULL CHECK (NOT jsonb_exists(line::jsonb, 'setup_code')),
    CONSTRAINT serial_once UNIQUE (serial_folded, attempt)
);

CREATE INDEX unit_mac ON signet.unit (mac) WHERE mac IS NOT NULL;

CREATE TABLE signet.public_key (
    -- Of the SubjectPublicKeyInfo.
    sha256 bytea CONSTRAINT key_once PRIMARY KEY CHECK (octet_length(sha256) = 32),
    unit uuid NOT NULL REFERENCES signet.unit (id),
    -- `the console`, or the name of a request.
    what text NOT NULL
);

CREATE TABLE signet.setup_code (
    unit uuid PRIMARY KEY REFERENCES signet.unit (id),
    -- SHA-256 of the public key that it is sealed to.
    sealed_to bytea NOT NULL CHECK (octet_length(sealed_to) = 32),
    -- HPKE (RFC 9180): the encapsulated key, then the ciphertext.
    sealed bytea NOT NULL CHECK (octet_length(sealed) > 48)
);
