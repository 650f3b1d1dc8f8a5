"""One dose after the other: masked like a list, and no more than a caller's work needs."""

import pytest

from contracts.access import Role
from contracts.words import Grade, Reason
from services.chassis.telemetry import Metrics
from services.chassis.volume import VolumeSettings
from tests.integration.records.conftest import Records
from tests.support.files import csv_file, typed
from tests.support.volumes import volumes

STEERING = [(Role.MINISTRY, {}), (Role.PROVINCE, {"areas": ["68"]})]
CORRECTING = [
    (Role.FACILITY, {"facility": "68001"}),
    (Role.STATION, {"areas": ["68"]}),
    (Role.POLICE, {"areas": ["68"]}),
    (Role.SERVICE, {}),
]
NUMBER = typed().personal_id


@pytest.mark.parametrize(("role", "limits"), STEERING)
async def test_who_steers_sees_one_dose_as_in_a_list_unless_a_purpose_is_stated(
    records: Records, role: Role, limits: dict[str, str]
) -> None:
    await records.record([typed()])
    caller = records.caller(role, **limits)
    masked = await caller.ask("GET", "/doses/1")
    assert masked.json()["person"]["personal_id"] == "068*******01"
    refused = await caller.ask("GET", "/doses/1", params={"masked": False})
    assert (refused.status_code, refused.json()["code"]) == (403, "PURPOSE_NEEDED")
    for purpose, shown in (("complaint", NUMBER), ("statistics", "068*******01")):
        answer = await caller.ask("GET", "/doses/1", headers={"X-Purpose": purpose})
        assert answer.json()["person"]["personal_id"] == shown
    # a correction that changes nothing is no way around
    for headers, shown in (({}, "068*******01"), ({"X-Purpose": "correction"}, NUMBER)):
        body = {"reason": "nothing", "lot": "ABV-0041"}
        answer = await caller.ask("PATCH", "/doses/1", json=body, headers=headers)
        assert answer.json()["person"]["personal_id"] == shown, answer.text


@pytest.mark.parametrize(("role", "limits"), CORRECTING)
async def test_who_corrects_sees_one_dose_whole(
    records: Records, role: Role, limits: dict[str, str]
) -> None:
    await records.record([typed()])
    caller = records.caller(role, **limits)
    assert (await caller.get("/doses/1"))["person"]["personal_id"] == NUMBER
    assert (await caller.get("/doses/1", masked=True))["person"]["personal_id"] == "068*******01"


async def test_ids_cannot_be_walked_through_and_operations_are_told(records: Records) -> None:
    metrics = Metrics()
    object.__setattr__(records.context, "volumes", volumes(metrics, single="10 per hour"))
    await records.record([typed(number) for number in range(5)])
    ministry = records.caller()
    answers = [await ministry.ask("GET", f"/doses/{number}") for number in range(1, 16)]
    # an id that is nobody's counts as well
    assert [answer.status_code for answer in answers] == [200] * 5 + [404] * 5 + [429] * 5
    assert answers[-1].json()["code"] == "TOO_MUCH_SEEN"
    assert answers[-1].json()["detail_vi"]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    counted = {
        sample.labels["outcome"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "items_total" and sample.labels["stage"] == "volume"
    }
    assert counted == {"unusual": 1.0, "refused": 5.0}
    other = records.caller(Role.POLICE, areas=["68"])
    assert (await other.ask("GET", "/doses/1")).status_code == 200


async def test_who_corrects_all_day_has_limits_for_that(records: Records) -> None:
    few = volumes(single="2 per hour", office_single="9 per hour")
    object.__setattr__(records.context, "volumes", few)
    await records.record([typed()])
    offices = (
        records.caller(Role.FACILITY, facility="68001"),
        records.caller(Role.STATION, areas=["68"], subject="of a station"),
        records.caller(Role.POLICE, areas=["68"], subject="of the police"),
    )
    for caller in offices:
        answers = [await caller.ask("GET", "/doses/1") for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 9 + [429] * 2


def test_one_person_can_clear_the_rows_of_a_station_in_a_working_day() -> None:
    amount, _, _ = VolumeSettings().office_single.partition(" per hour")
    # each of 15,000 rows is looked at and corrected, in eight hours
    assert int(amount) * 8 >= 2 * 15_000


@pytest.mark.parametrize("path", ["/worklist", "/worklist.csv", "/batches/1/rows.xlsx"])
async def test_pages_and_files_are_counted_by_what_they_show(records: Records, path: str) -> None:
    few = volumes(listed="5 per hour", exported="5 per hour")
    object.__setattr__(records.context, "volumes", few)
    raws = [typed(number, source_id=f"s{number}") for number in range(4)]
    caller = records.caller(Role.FACILITY, facility="68001")
    await caller.upload(csv_file(raws))
    await records.judge({raw.source_id: (Grade.MISMATCH, [Reason.NAME_DIFFERS]) for raw in raws})
    statuses = [(await caller.ask("GET", path)).status_code for _ in range(3)]
    assert statuses == [200, 429, 429]
