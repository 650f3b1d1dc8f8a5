"""The bus port: events go out by topic, and come in by topic and consumer group, in batches whose
commit is the last step.
"""

from services.chassis.bus.port import Bus, Event, EventBatch
from services.chassis.bus.settings import BusSettings, open_bus

__all__ = ["Bus", "BusSettings", "Event", "EventBatch", "open_bus"]
