#!/bin/sh
# Run once, by the PostgreSQL image, on an empty data folder: a database and a user of its own for each service.
# The passwords come from secret files and reach psql as variables, never as text of a statement that could be logged by a shell.
set -eu
for service in records verifier signer; do
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        --set role="hochieu_$service" --set password="$(cat "/run/secrets/$service.database")" <<'SQL'
SET password_encryption = 'scram-sha-256';
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
REVOKE CONNECT ON DATABASE :"role" FROM PUBLIC;
SQL
done
