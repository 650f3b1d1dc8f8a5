from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from services.signer.hcert.cose import Algorithm
from services.signer.keys.files import open_key_folder
from services.signer.keys.metrics import watch

NOW = datetime(2022, 4, 1, tzinfo=UTC)


def test_the_days_that_are_left_to_the_signing_key_are_told_and_below_zero_when_it_is_overdue(
    tmp_path: Path,
) -> None:
    ring = open_key_folder(tmp_path, Algorithm.ES256, "VN", "test", NOW)
    registry, now = CollectorRegistry(), [NOW]
    watch(ring, registry, lambda: now[0])

    def days(left: str) -> float:
        told = registry.get_sample_value("signing_key_days", {"left": left})
        assert told is not None
        return told

    assert 181 < days("use") < 182
    assert 729 < days("valid") < 730
    now[0] += timedelta(days=200)
    assert -19 < days("use") < -18
