GRANT USAGE ON SCHEMA signet TO signet_station, signet_labels;
GRANT SELECT ON signet.migration TO signet_station;
GRANT INSERT (id, serial, attempt, station, mac, line) ON signet.unit TO signet_station;
GRANT INSERT (sha256, unit, what) ON signet.public_key TO signet_station;
GRANT INSERT (unit, sealed_to, sealed) ON signet.setup_code TO signet_station;
GRANT SELECT ON signet.made, signet.known_key TO signet_station;
GRANT EXECUTE ON FUNCTION signet.mine(uuid) TO signet_station;
GRANT SELECT, DELETE ON signet.setup_code TO signet_labels;
