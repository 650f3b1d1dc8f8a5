#!/bin/bash
# What compose.yaml uses of the official image: each KAFKA_A_B is the broker's setting a.b, and the storage is formatted with CLUSTER_ID.
set -euo pipefail
properties=/tmp/server.properties
env | grep '^KAFKA_' | grep -v '^KAFKA_HEAP_OPTS=' | while IFS='=' read -r name value; do
    name=${name#KAFKA_}
    name=${name,,}
    echo "${name//_/.}=$value"
done >"$properties"
run=(java -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "/opt/kafka/lib/*")
"${run[@]}" kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$properties"
# shellcheck disable=SC2086 (several options in one variable, as the official image has it)
exec "${run[@]}" ${KAFKA_HEAP_OPTS:-} kafka.Kafka "$properties"
