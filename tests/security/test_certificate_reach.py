"""A certificate is seen within the reach of its dose: nobody reads the country by UVCI."""

import json
from urllib.parse import quote
from uuid import uuid4

from contracts.access import Role
from deploy.local.stack import Options
from deploy.sample.population import synthesise
from tests.support.stack import System

FACILITY, HOME = "79012", ("79", "760", "26734")
RESIDENCE = "".join(HOME)


def _dose() -> dict[str, object]:
    """A dose of somebody whom the system's registry knows."""
    person = next(
        person
        for person in synthesise(500, Options().seed).people()
        if person.status == "alive" and len(person.date_of_birth) == 10 and person.personal_id
        and person.date_of_birth < "1995" and person.nationality == "VN"
    )  # fmt: skip
    home = dict(zip(("province_code", "district_code", "commune_code"), HOME, strict=True))
    return {
        "source_id": uuid4().hex[:12],
        "facility_code": FACILITY,
        "product": "Pfizer",
        "lot": "FK0112",
        "dose_number": "1",
        "dose_kind": "primary",
        "date_given": "2021-03-09",
        "person": {
            "full_name": person.full_name,
            "date_of_birth": person.date_of_birth,
            "sex": person.sex,
            "personal_id": person.personal_id,
            **home,
        },
    }


async def test_the_staff_of_another_area_is_told_that_there_is_no_such_certificate(
    target: System,
) -> None:
    batch = await target.push(json.dumps({"doses": [_dose()]}).encode(), "application/json")
    [row] = await target.rows(batch["batch_id"])
    async with target.client(Role.MINISTRY) as ministry:
        dose = (await ministry.get(f"/records/v1/doses/{row['dose_id']}")).json()
        assert dose["state"] == "issued", dose
    path = f"/signer/v1/certificates/{quote(dose['uvci'], safe='')}"
    answers = {}
    for role, limits in (
        (Role.FACILITY, {"facility": FACILITY}),
        (Role.STATION, {"areas": [RESIDENCE]}),
        (Role.POLICE, {"areas": ["79"]}),
        (Role.FACILITY, {"facility": "79013"}),
        (Role.STATION, {"areas": ["7976026735"]}),
        (Role.POLICE, {"areas": ["01"]}),
        (Role.PROVINCE, {"areas": ["68"]}),
    ):
        async with target.client(role, **limits) as client:
            for suffix in ("", ".png", ".pdf"):
                answer = await client.get(path + suffix)
                answers[role, str(limits), suffix] = answer.status_code
    assert list(answers.values()) == [200] * 9 + [404] * 12, answers
