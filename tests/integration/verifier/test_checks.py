"""A check before the injection reads a person as an upload would, and says whether a dose recorded
so would pass.
"""

from typing import Any

import pytest

from contracts.access import Role
from tests.integration.verifier.work import FACILITY, TAM, Pipeline


async def _checked(pipeline: Pipeline, birth: str) -> dict[str, Any]:
    person = {
        "full_name": TAM.full_name,
        "date_of_birth": birth,
        "sex": TAM.sex,
        "personal_id": TAM.personal_id,
    }
    async with pipeline.running.client(Role.FACILITY, facility=FACILITY) as client:
        answer = await client.post("/verifier/v1/checks", json={"people": [person]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["items"][0])


def _reason(checked: dict[str, Any]) -> str | None:
    reasons = {one["name"]: one["reason"] for one in checked["attributes"]}
    reason: str | None = reasons["date_of_birth"]
    return reason


@pytest.mark.parametrize(
    "birth",
    ["03/05/1980", "3.5.1980", "3 / 5 / 1980", "1980-05-03", "1980/5/3", "03/05/1980 00:00:00",
    "29344",
     "1980-05-02T17:00:00.000Z", "1980-05-03T00:00:00+07:00", "3 tháng 5 năm 1980", "29344,5",
     "'03/05/1980"],
)  # fmt: skip
async def test_a_birth_date_is_right_in_every_way_that_an_upload_takes(
    pipeline: Pipeline, birth: str
) -> None:
    assert (await _checked(pipeline, birth))["grade"] == "exact"


@pytest.mark.parametrize(
    ("birth", "reason"),
    [
        ("05/1980", "YEAR_ONLY"),
        ("1980", "YEAR_ONLY"),
        ("05/03/1980", "DAY_MONTH_SWAPPED"),
        ("1980-05-32", "DATE_IMPOSSIBLE"),
    ],
)
async def test_what_would_be_repaired_passes_with_its_reason(
    pipeline: Pipeline, birth: str, reason: str
) -> None:
    checked = await _checked(pipeline, birth)
    assert (checked["passes"], _reason(checked)) == (True, reason)


@pytest.mark.parametrize("birth", ["03 05 1980", "03/05/80", "03051980", "31 05 1980"])
async def test_a_birth_date_that_an_upload_refuses_does_not_pass(
    pipeline: Pipeline, birth: str
) -> None:
    checked = await _checked(pipeline, birth)
    assert (checked["passes"], _reason(checked)) == (False, "DATE_IMPOSSIBLE")


@pytest.mark.parametrize("form", ["'{}", '="{}"', "\u200b{}", "{}.0"])
async def test_the_form_of_a_cell_is_no_fault_of_a_number(pipeline: Pipeline, form: str) -> None:
    person = {
        "full_name": TAM.full_name,
        "date_of_birth": "03/05/1980",
        "sex": TAM.sex,
        "personal_id": form.format(TAM.personal_id),
    }
    async with pipeline.running.client(Role.FACILITY, facility=FACILITY) as client:
        answer = await client.post("/verifier/v1/checks", json={"people": [person]})
    assert [one["grade"] for one in answer.json()["items"]] == ["exact"]


async def test_every_card_that_is_none_is_told_at_once(pipeline: Pipeline) -> None:
    people = [{"card": "x"}, {"full_name": "Lê"}, {"guardian": {"card": "y"}}]
    async with pipeline.running.client(Role.FACILITY, facility=FACILITY) as client:
        answer = await client.post("/verifier/v1/checks", json={"people": people})
    assert (answer.status_code, answer.json()["code"]) == (422, "CARD_INVALID")
    assert [error["field"] for error in answer.json()["errors"]] == [
        "people.0.card",
        "people.2.guardian.card",
    ]
    assert all(error["message"] and error["message_vi"] for error in answer.json()["errors"])
