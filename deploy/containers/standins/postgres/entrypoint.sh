#!/bin/sh
# What compose.yaml uses of the official image: POSTGRES_PASSWORD_FILE, POSTGRES_INITDB_ARGS and /docker-entrypoint-initdb.d/*.sh.
set -eu
mkdir -p /run/postgresql
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # shellcheck disable=SC2086 (several arguments in one variable, as the official image has it)
    initdb --username=postgres --encoding=UTF8 --auth-local=trust --pwfile="$POSTGRES_PASSWORD_FILE" ${POSTGRES_INITDB_ARGS:-} >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    pg_ctl --silent --wait --options="-c listen_addresses=''" start
    for script in /docker-entrypoint-initdb.d/*.sh; do sh "$script"; done
    pg_ctl --silent --wait --mode=fast stop
fi
exec "$@" -c listen_addresses='*'
