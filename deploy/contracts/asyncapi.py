"""The AsyncAPI 3 document: each topic with its express lane and its dead letters, who sends and who
receives, and the headers.
"""

from collections.abc import Iterator
from typing import Any, get_args

from contracts.topics import EXPRESS_ROWS, TOPICS, Topic
from services.chassis.bus.settings import DLQ_SUFFIX
from services.chassis.bus.signatures import Reason

_VERSION = "3.0.0"
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
_HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {
            "type": "string",
            "description": "the same for every delivery of one event: what readers know repeats by",
        },
        "ce_type": {"type": "string", "description": "the topic without its lane"},
        "ce_source": {"type": "string", "description": "the service that wrote it"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C trace context"},
        "ce_signature": {
            "type": "string",
            "description": (
                "the writer's Ed25519 signature over type, source, id, key, time and value, in"
                " base64url; an event without it is not handled"
            ),
        },
        "ce_signaturekid": {
            "type": "string",
            "description": "RFC 7638 thumbprint of the key, in the set of the writers' keys",
        },
    },
}
_DEAD_HEADERS = {
    "type": "object",
    "required": ["dlq_error", "dlq_attempts", "dlq_topic", "dlq_group"],
    "properties": {
        "dlq_error": {
            "type": "string",
            "description": "the error's class; never its text, which may quote somebody's data",
        },
        "dlq_attempts": {"type": "string", "pattern": "^[0-9]+$"},
        "dlq_reason": {
            "enum": list(get_args(Reason)),
            "description": "why an event is not believed to be its writer's",
        },
        "dlq_topic": {"type": "string", "description": "the lane it came from"},
        "dlq_group": {"type": "string", "description": "the readers that could not handle it"},
    },
}


def asyncapi() -> dict[str, Any]:
    """The document; payloads refer to the schemas beside it."""
    return {
        "asyncapi": _VERSION,
        "info": {
            "title": "hochieu events",
            "version": "1",
            "description": (
                "CloudEvents 1.0 in Kafka's binary mode, keyed by chunk. Readers are tolerant; no"
                " order is promised or needed."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {name: channel for topic in TOPICS for name, channel in _channels(topic)},
        "operations": {
            name: operation for topic in TOPICS for name, operation in _operations(topic)
        },
        "components": {
            "messages": {name: message for topic in TOPICS for name, message in _messages(topic)},
            "messageTraits": {
                "cloudEvent": {"headers": _HEADERS},
                "deadLetter": {"headers": _DEAD_HEADERS},
            },
        },
    }


def _lanes(topic: Topic) -> Iterator[tuple[str, str]]:
    """Addresses and what each is for."""
    yield topic.name, (topic.model.__doc__ or "").partition(": ")[2]
    if topic.express:
        yield topic.express, f"the express lane: batches of up to {EXPRESS_ROWS} rows"


def _channels(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    for lane, description in _lanes(topic):
        yield lane, _channel(lane, description, topic.name)
        yield (
            lane + DLQ_SUFFIX,
            _channel(
                lane + DLQ_SUFFIX,
                f"what readers of {lane} could not handle",
                topic.name + DLQ_SUFFIX,
            ),
        )


def _channel(address: str, description: str, message: str) -> dict[str, Any]:
    return {
        "address": address,
        "description": description,
        "messages": {"event": {"$ref": f"#/components/messages/{message}"}},
    }


def _messages(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    payload = {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"./schemas/{topic.name}.json"}}
    cloud_event, dead_letter = (
        {"$ref": f"#/components/messageTraits/{name}"} for name in ("cloudEvent", "deadLetter")
    )
    yield (
        topic.name,
        {
            "name": topic.name,
            "title": topic.model.__name__,
            "traits": [cloud_event],
            "payload": payload,
        },
    )
    dead = topic.name + DLQ_SUFFIX
    yield (
        dead,
        {
            "name": dead,
            "title": f"{topic.model.__name__}, one item of it",
            "traits": [cloud_event, dead_letter],
            "payload": payload,
        },
    )


def _operations(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    for lane, _ in _lanes(topic):
        yield f"{topic.writer}.send.{lane}", _operation("send", topic.writer, lane)
        for reader in topic.readers:
            group = f"{reader}-express" if lane == topic.express else reader
            yield (
                f"{reader}.receive.{lane}",
                _operation("receive", reader, lane)
                | {"bindings": {"kafka": {"groupId": {"const": group}}}},
            )
            yield f"{reader}.send.{lane}{DLQ_SUFFIX}", _operation("send", reader, lane + DLQ_SUFFIX)


def _operation(action: str, service: str, address: str) -> dict[str, Any]:
    channel = f"#/channels/{address}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/event"}],
        "tags": [{"name": service}],
    }
