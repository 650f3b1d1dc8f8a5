import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url

from services.chassis.bus import BusSettings
from services.chassis.bus.kafka_clients import connection
from services.chassis.maintenance import _KEEP


def kafka(**more: object) -> BusSettings:
    """Settings of a Kafka bus."""
    return BusSettings.model_validate({"url": "kafka://b1:9092,b2:9093/", **more})


def test_all_bootstrap_servers_are_taken_from_the_address() -> None:
    assert kafka().servers == ["b1:9092", "b2:9093"]


@pytest.mark.parametrize(
    ("more", "protocol"),
    [
        ({}, "PLAINTEXT"),
        ({"tls": True}, "SSL"),
        ({"sasl_mechanism": "SCRAM-SHA-512", "username": "u", "password": "p"}, "SASL_PLAINTEXT"),
        ({"tls": True, "sasl_mechanism": "PLAIN", "username": "u", "password": "p"}, "SASL_SSL"),
    ],
)
def test_the_protocol_follows_from_tls_and_sasl(more: dict[str, object], protocol: str) -> None:
    assert connection(kafka(**more))["security_protocol"] == protocol


def test_tls_checks_the_brokers_certificate() -> None:
    context = connection(kafka(tls=True))["ssl_context"]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_the_password_reaches_the_client_and_no_text() -> None:
    cfg = kafka(sasl_mechanism="PLAIN", username="u", password="s3cret")
    assert connection(cfg)["sasl_plain_password"] == "s3cret"
    assert "s3cret" not in repr(cfg)


def test_the_password_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "kafka.password"
    file.write_text("s3cret\n")
    cfg = kafka(sasl_mechanism="SCRAM-SHA-512", username="u", password_file=file)
    assert connection(cfg)["sasl_plain_password"] == "s3cret"


def test_dead_letters_stay_longer_than_events() -> None:
    cfg = kafka(retention_hours=2, dead_letter_hours=50)
    assert (cfg.retention_s("things.v1"), cfg.retention_s("things.v1.dlq")) == (7200, 180_000)


def test_kafka_keeps_events_longer_than_a_reader_may_be_away() -> None:
    day_s = 24 * 3600
    assert 30 * day_s <= kafka().retention_s("things.v1") < _KEEP.total_seconds()
    assert kafka(retention_hours=24 * 60 - 1).retention_s("things.v1") < _KEEP.total_seconds()
    for hours in (0, 24 * 60):
        with pytest.raises(ValidationError):
            kafka(retention_hours=hours)


def test_the_event_log_which_waits_for_its_readers_keeps_what_they_have_read_for_three_days() -> (
    None
):
    log = BusSettings(url=SecretStr("postgresql://u@/bus"))
    assert (log.retention_s("things.v1"), log.retention_s("things.v1.dlq")) == (
        72 * 3600,
        90 * 24 * 3600,
    )
    assert log.model_copy(update={"retention_hours": 2}).retention_s("things.v1") == 7200


def test_an_event_logs_address_keeps_its_socket_and_password() -> None:
    cfg = BusSettings(url=SecretStr("postgresql://u:p%40ss@/bus?host=/run/pg"))
    assert not cfg.is_kafka
    assert make_url(cfg.dsn) == make_url("postgresql://u:p%40ss@/bus?host=/run/pg")
