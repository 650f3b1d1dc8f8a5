from types import SimpleNamespace

from services.chassis.bus.kafka_member import event_of


def test_foreign_events_without_an_id_are_told_apart() -> None:
    record = {
        "topic": "t",
        "partition": 1,
        "timestamp": 0,
        "key": None,
        "headers": (),
        "value": b"{}",
    }
    first, second = (event_of(SimpleNamespace(offset=offset, **record)) for offset in (7, 8))
    assert first.id == "t/1/7"
    assert second.id == "t/1/8"
