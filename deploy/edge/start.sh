#!/bin/sh
# Runs nginx on the files beside this one, with what differs between installations: EDGE_* below.
set -eu
beside=$(cd "$(dirname "$0")" && pwd)
run=${EDGE_RUN:-/tmp/edge}
spool=${EDGE_SPOOL:-/var/cache/nginx}
origin=${EDGE_ORIGIN:?the address that people know the system by, https://host}
mkdir -p "$run"
cp -R "$beside/nginx.conf" "$beside/pass.conf" "$beside/routes.conf" "$beside/problems" "$beside/pages" "$beside/pages.conf" "$run/"

cat >"$run/workers.conf" <<CONF
worker_processes ${EDGE_WORKERS:-2};
events { worker_connections ${EDGE_PLACES:-2048}; }
CONF

echo "limit_conn connections ${EDGE_CONNECTIONS:-64};" >"$run/connections.conf"

cat >"$run/listen.conf" <<CONF
# what the kernel keeps of a connection counts as this container's memory, too
listen ${EDGE_LISTEN:-8443} ssl http2 sndbuf=128k rcvbuf=128k;
ssl_certificate ${EDGE_CERTIFICATE:-/run/secrets/edge.crt};
ssl_certificate_key ${EDGE_KEY:-/run/secrets/edge.key};
CONF

{
    cat <<CONF
map \$part \$upstream {
    default "";
    records "${EDGE_RECORDS:-records-api:8080}";
    verifier "${EDGE_VERIFIER:-verifier-api:8080}";
    signer "${EDGE_SIGNER:-signer-api:8080}";
    mail "${EDGE_MAIL:-}";
    web "${EDGE_WEB:-web:8080}";
    sso "${EDGE_SSO:-}";
}
# what no part answers is a page
map "" \$pages { default "${EDGE_WEB:-web:8080}"; }
map "" \$public_host { default "${origin#*://}"; }
limit_req_zone \$asker zone=requests:10m rate=${EDGE_RATE:-50}r/s;
limit_req zone=requests burst=${EDGE_BURST:-100} nodelay;
include connections.conf;
client_body_temp_path $spool/bodies;
proxy_temp_path $spool/answers;
fastcgi_temp_path $run/unused;
uwsgi_temp_path $run/unused;
scgi_temp_path $run/unused;
CONF
    # Names are asked for anew every few seconds: a part that was made anew has another address. Only of the first server, as
    # everybody else does: the ones after it may know nothing of this network, and nginx asks all in turn.
    resolver=$(sed -n 's/^nameserver[[:space:]]*\([0-9.]*\)[[:space:]]*$/\1/p' "${EDGE_NAME_SERVERS:-/etc/resolv.conf}" | head -n 1)
    [ -z "$resolver" ] || echo "resolver $resolver valid=5s ipv6=off;"
    # whose word on the client's address counts; without any, the client is whoever is connected
    trusted=$(echo "${EDGE_TRUSTED_PROXIES:-}" | tr ',' ' ')
    for proxy in $trusted; do echo "set_real_ip_from $proxy;"; done
    [ -z "${trusted# }" ] || echo "real_ip_header X-Forwarded-For; real_ip_recursive on;"
} >"$run/here.conf"

exec nginx -e stderr -p "$run/" -c "$run/nginx.conf" -g "daemon off; ${EDGE_GLOBAL:-}"
