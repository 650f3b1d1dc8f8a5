#!/bin/sh
# A database for each service and the pages, the role that owns its tables and migrates them, and the user that works with their rows. The PostgreSQL
# image runs it once, on an empty data folder. On a server of an older release an administrator runs it again: what is missing is made, and
# a database that its service still owns is given to the owner (docs/operations/upgrade.md). It may run beside the services.
# The passwords come from secret files and reach psql as variables, never as text of a statement that could be logged by a shell.
set -eu
secrets="${SECRETS_FOLDER:-/run/secrets}"
for service in records verifier signer web; do
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
        --set role="hochieu_$service" --set password="$(cat "$secrets/$service.database")" \
        --set owner="hochieu_${service}_owner" --set owner_password="$(cat "$secrets/$service.owner")" <<'SQL'
SET password_encryption = 'scram-sha-256';
SELECT format('CREATE ROLE %I LOGIN', name) FROM (VALUES (:'role'), (:'owner')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"role" PASSWORD :'password';
ALTER ROLE :"owner" PASSWORD :'owner_password';
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C''', :'role', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
\connect :"role"
BEGIN;
SELECT pg_get_userbyid(datdba) = :'role' AS older FROM pg_database WHERE datname = :'role' \gset
\if :older
REASSIGN OWNED BY :"role" TO :"owner";
-- until the next migration says it finely, so that a running release goes on
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"role";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"role";
\endif
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"role" TO :"role";
COMMIT;
SQL
done
