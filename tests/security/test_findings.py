"""A clinic that types somebody's number learns nothing of where that person was vaccinated."""

import asyncio
import json

from contracts.access import Role
from tests.support.files import json_file, typed
from tests.support.stack import System

ELSEWHERE = {"facility_code": "01001", "lot": "FK9999", "product": "Moderna"}
TYPED = {"facility_code": "79077", "product": "AstraZeneca"}
NUMBER = "001180777777"
JSON = "application/json"


async def test_three_names_on_a_number_tell_a_clinic_nothing_of_its_owner(target: System) -> None:
    victim = typed(1, source_id="victim", personal_id=NUMBER, **ELSEWHERE)
    await target.push(json_file([victim]), JSON)
    clinic = {"facility": "79077"}
    names = ("Trần Văn Hùng", "Lê Đức Anh", "Phạm Minh Quân")
    probes = [
        typed(at, source_id=f"probe-{at}", full_name=name, personal_id=NUMBER, **TYPED)
        for at, name in enumerate(names)
    ]
    await target.push(json_file(probes), JSON)
    async with (
        target.client(Role.MINISTRY) as ministry,
        target.client(Role.FACILITY, **clinic) as attacker,
    ):
        async with asyncio.timeout(60):
            while True:
                known = (await ministry.get("/records/v1/findings?limit=1000")).json()["items"]
                crowds = [one for one in known if one["kind"] == "ONE_ID_MANY_NAMES"]
                if any(one["dose"]["facility_code"] == "79077" for one in crowds):
                    break
                await asyncio.sleep(0.5)
        for query in ("", "?kind=ONE_ID_MANY_NAMES", "?facility=01001", "?province=01"):
            answer = await attacker.get(f"/records/v1/findings{query}")
            assert answer.status_code == 200
            text = json.dumps(answer.json())
            assert not [fact for fact in ("01001", "FK9999", "Moderna") if fact in text]
        assert (await attacker.get("/records/v1/findings?kind=ONE_ID_MANY_NAMES")).json()[
            "items"
        ] == []
