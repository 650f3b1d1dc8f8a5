"""The ACLs of the contracts: a service writes its own topics and reads those it follows.

No transactional ids are in them, as no service uses a transaction. A service may make its topics,
with the partitions and retention of its settings, but not change or delete one.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from deploy.contracts.bus_rights import OPERATOR, SERVICES, rights_of
from services.chassis.bus.kafka_clients import connection
from services.chassis.bus.settings import BusSettings


class Resource(IntEnum):
    """What an ACL is about, by Kafka's number."""

    TOPIC = 2
    GROUP = 3


class Operation(IntEnum):
    """What it allows, by Kafka's number; reading and writing allow to describe."""

    READ = 3
    WRITE = 4
    CREATE = 5
    DESCRIBE = 8


class Acl(NamedTuple):
    """One thing that a user may do, from any host."""

    user: str
    resource: Resource
    name: str
    operation: Operation


_ANY, _LITERAL, _ALLOW, _ANY_HOST = 1, 3, 3, "*"


def acls() -> list[Acl]:
    """Those of all services and of the operator."""
    found: set[Acl] = set()
    for user in (*SERVICES, OPERATOR):
        rights = rights_of(user)
        found |= {Acl(user, Resource.TOPIC, name, Operation.WRITE) for name in rights.writes}
        found |= {Acl(user, Resource.TOPIC, name, Operation.READ) for name in rights.reads}
        found |= {
            Acl(user, Resource.TOPIC, name, Operation.CREATE)
            for name in (*rights.writes, *rights.reads)
        }
        found |= {Acl(user, Resource.GROUP, name, Operation.READ) for name in rights.groups}
        found |= {Acl(user, Resource.GROUP, name, Operation.DESCRIBE) for name in rights.watched}
    return sorted(found)


def commands(wanted: Iterable[Acl], servers: str, config: str) -> list[str]:
    """The same for Kafka's own tool; `config`: the properties by which its administrator
    connects.
    """
    operations: dict[tuple[str, Resource, str], list[Operation]] = defaultdict(list)
    for acl in wanted:
        operations[acl[:3]].append(acl.operation)
    return [
        shlex.join(
            [
                *("kafka-acls.sh", "--bootstrap-server", servers, "--command-config", config),
                *("--add", "--force", "--allow-principal", f"User:{user}"),
                *(
                    word
                    for operation in allowed
                    for word in ("--operation", operation.name.capitalize())
                ),
                *(f"--{resource.name.lower()}", name),
            ]
        )
        for (user, resource, name), allowed in operations.items()
    ]


async def apply(cfg: BusSettings) -> tuple[int, int]:
    """Gives each user these ACLs, and takes others from it; answers how many were added and taken.

    The settings are an administrator's. Other users' ACLs stay as they are.
    """
    wanted, users = set(acls()), {*SERVICES, OPERATOR}
    admin = AIOKafkaAdminClient(**connection(cfg))
    await admin.start()
    try:
        described = await admin._send_to_controller(DescribeAclsRequest(*_filter(None)))
        _raise(described.error_code)
        present = {
            (user, resource, name, operation, host, allow, pattern)
            for resource, name, pattern, of_resource in described.resources
            for principal, host, operation, allow in of_resource
            if (user := principal.removeprefix("User:")) in users
        }
        own = {(*acl, _ANY_HOST, _ALLOW, _LITERAL) for acl in wanted}
        missing, surplus = own - present, present - own
        # what is missing first, so that nobody stops for a moment
        for user, resource, name, operation, *_ in sorted(missing):
            given = (resource, name, _LITERAL, f"User:{user}", _ANY_HOST, operation, _ALLOW)
            answer = await admin._send_to_controller(CreateAclsRequest(*given))
            _raise(answer.creation_responses[0][0])
        for user, resource, name, operation, host, allow, pattern in sorted(surplus):
            taken = (resource, name, pattern, f"User:{user}", host, operation, allow)
            answer = await admin._send_to_controller(DeleteAclsRequest(*taken))
            _raise(answer.filter_responses[0][0])
    finally:
        await admin.close()
    return len(missing), len(surplus)


def _filter(name: str | None) -> tuple[Any, ...]:
    """That of every ACL there is."""
    return (_ANY, name, _ANY, None, None, _ANY, _ANY)


def _raise(code: int) -> None:
    if code:
        raise for_code(code)
