"""The bus port: events go out by topic, and come in by topic and consumer group, in batches whose
commit is the last step.
"""

from services.chassis.bus.opening import open_bus
from services.chassis.bus.port import Bus, Event, EventBatch
from services.chassis.bus.settings import BusSettings

__all__ = ["Bus", "BusSettings", "Event", "EventBatch", "open_bus"]
