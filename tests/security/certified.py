"""People of the running system who have a certificate."""

import json
from uuid import uuid4

from contracts.access import Role
from deploy.local.stack import Options
from deploy.sample.population import Registered, synthesise
from tests.support.stack import System

FACILITY, HOME, GIVEN = "79012", ("79", "760", "26734"), "2021-03-09"
RESIDENCE = "".join(HOME)


async def certified(target: System, number: int) -> tuple[Registered, str]:
    """An adult whom the system's registry knows, counted from its end, and a dose's certificate."""
    person = _adult(number)
    batch = await target.push(json.dumps({"doses": [_dose(person)]}).encode(), "application/json")
    [row] = await target.rows(batch["batch_id"])
    async with target.client(Role.MINISTRY) as ministry:
        dose = (await ministry.get(f"/records/v1/doses/{row['dose_id']}")).json()
    assert dose["state"] == "issued", dose
    return person, dose["uvci"]


def _adult(number: int) -> Registered:
    return [
        person
        for person in synthesise(500, Options().seed).people()
        if person.status == "alive"
        and len(person.date_of_birth) == len("1980-05-03")
        and person.date_of_birth < "1995"
        and person.nationality == "VN"
    ][-20 - number]


def _dose(person: Registered) -> dict[str, object]:
    home = dict(zip(("province_code", "district_code", "commune_code"), HOME, strict=True))
    return {
        "source_id": uuid4().hex[:12],
        "facility_code": FACILITY,
        "product": "Pfizer",
        "lot": "FK0112",
        "dose_number": "1",
        "dose_kind": "primary",
        "date_given": GIVEN,
        "person": {
            "full_name": person.full_name,
            "date_of_birth": person.date_of_birth,
            "sex": person.sex,
            "personal_id": person.personal_id,
            **home,
        },
    }
