"""The audit that runs by itself: what a forged event would leave behind is found in the hour, and
what is only on its way is not.
"""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from deploy.audit.store import Span
from deploy.audit.watch import AuditGauges, look, part_of
from tests.integration.ops.conftest import Trio
from tests.integration.ops.test_audit import sound  # noqa: F401

_INTENT = "dose_id, version, edition, uvci, kid, person, date_given, claims, issued_at, expires_at"


def minted(dose_id: int) -> str:
    """A signed certificate, however it came about."""
    values = "1, 1, 'X', '', 7, '2021-01-02', '', now(), now() + interval '1 year'"
    return (
        f"INSERT INTO intent ({_INTENT}) VALUES ({dose_id}, {values});"
        f" INSERT INTO signature (dose_id, version, signature) VALUES ({dose_id}, 1, '')"
    )


async def codes(trio: Trio, hour: int = 5) -> dict[str, list[str]]:
    """What one hour's look finds."""
    report = await look(trio.urls, hour, again_s=0)
    return {code: finding.examples for code, finding in report.findings.items()}


async def test_a_system_at_work_is_clean(sound: Trio) -> None:
    await sound.write("records", "DELETE FROM dose_status WHERE dose_id IN (1, 3)")
    for hour in range(24):
        assert await codes(sound, hour) == {}


@pytest.mark.parametrize("dose_id", [3, 900_001, -5], ids=["refused", "above", "below"])
async def test_a_certificate_that_the_verifier_did_not_let_through_is_found_within_the_day(
    sound: Trio,
    dose_id: int,
) -> None:
    await sound.write("verifier", "UPDATE verification SET grade = 'review' WHERE dose_id = 3")
    await sound.write("records", "DELETE FROM dose_status WHERE dose_id = 3")
    await sound.write("signer", minted(dose_id))
    # the doses are of this hour; an id below them all has its own hour of the day
    found = await codes(sound, hour=0)
    assert str(dose_id) in found["NOT_LET_THROUGH"]
    assert bool(await codes(sound)) == (dose_id > 0)


async def test_old_doses_are_looked_at_in_their_hour(sound: Trio) -> None:
    old = "UPDATE batch SET created_at = now() - interval '3 days'"
    await sound.write("records", old)
    await sound.write("signer", "DELETE FROM revocation", "DELETE FROM signature WHERE version = 2")
    assert sum([bool(await codes(sound, hour)) for hour in range(24)]) == 1


def test_the_parts_of_a_day_are_all_ids_once() -> None:
    for last in (0, 3, 1_000, 206_000_000):
        parts = [part_of(hour, last) for hour in range(24)]
        assert (parts[0].first, parts[-1].last) == Span()
        assert [one.last + 1 for one in parts[:-1]] == [one.first for one in parts[1:]]


async def test_what_is_found_is_a_metric_until_it_is_mended(sound: Trio) -> None:
    registry = CollectorRegistry()
    gauges = AuditGauges(registry)
    await sound.write("signer", minted(900_001))
    gauges.take(await look(sound.urls, 1, again_s=0))
    assert b'audit_findings{code="NOT_LET_THROUGH"} 1.0' in generate_latest(registry)
    await sound.write("signer", "DELETE FROM signature WHERE dose_id = 900001")
    gauges.take(await look(sound.urls, 1, again_s=0))
    shown = generate_latest(registry)
    assert b'audit_findings{code="NOT_LET_THROUGH"} 0.0' in shown
    assert b"audit_age_seconds" in shown
