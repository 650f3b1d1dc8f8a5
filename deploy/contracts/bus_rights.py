"""Who may write and read what on the bus, by the contracts' writers and readers: the users of the
event log and the ACLs of Kafka are made of it.
"""

from dataclasses import dataclass

from contracts.topics import TOPICS, Topic
from services.chassis.bus.settings import DLQ_GROUP, DLQ_SUFFIX
from services.chassis.subscriptions import express_group

SERVICES = tuple(sorted({name for topic in TOPICS for name in (topic.writer, *topic.readers)}))
OPERATOR = "operator"
"""Who reconciles, and replays dead letters."""


@dataclass(frozen=True, slots=True)
class BusRights:
    """What one user needs, and no more.

    `groups`: consumer groups that it works in. `watched`: those whose offsets it only reads.
    """

    writes: tuple[str, ...]
    reads: tuple[str, ...]
    groups: tuple[str, ...]
    watched: tuple[str, ...]


def lanes(topic: Topic) -> tuple[str, ...]:
    """The names on which a topic's events travel."""
    return (topic.name, topic.express) if topic.express else (topic.name,)


def rights_of(user: str) -> BusRights:
    """Those of a service, or of the operator."""
    groups = {name: (name, express_group(name)) for name in SERVICES}
    every = tuple(lane for topic in TOPICS for lane in lanes(topic))
    if user == OPERATOR:
        letters = tuple(lane + DLQ_SUFFIX for lane in every)
        watched = tuple(group for own in groups.values() for group in own)
        return BusRights((*every, *letters), (*every, *letters), (DLQ_GROUP,), watched)
    followed = tuple(lane for topic in TOPICS if user in topic.readers for lane in lanes(topic))
    letters = tuple(lane + DLQ_SUFFIX for lane in followed)
    written = tuple(lane for topic in TOPICS if user == topic.writer for lane in lanes(topic))
    # a reader looks at its waiting dead letters before it writes another one
    return BusRights((*written, *letters), (*followed, *letters), groups[user], (DLQ_GROUP,))
