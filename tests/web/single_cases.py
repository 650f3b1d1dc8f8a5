"""Cases that no page of certain rows can confirm, which the police must look at one by one."""

import csv
import json
import re

from tests.support.site import Site
from tests.web.test_forms import token_of
from vietnamese.spelling import bare

_FIELDS = ("date_of_birth", "sex", "province_code", "district_code", "commune_code")


async def give_single_cases(site: Site, stem: str = "single", count: int = 24) -> None:
    """Records doses of the station's residents: names without accents, and no number."""
    district, facility = site.places.district, site.places.facility
    with (site.province / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        people = [
            person
            for person in csv.DictReader(file)
            if f"{person['province_code']}{person['district_code']}" == district
            and len(person["date_of_birth"]) == len("yyyy-mm-dd")
            and person["status"] == "alive"
        ]
    doses = [
        {
            "source_id": f"{stem}-{at}", "facility_code": facility,
            "product": "Pfizer", "lot": "FK0112", "dose_number": "3", "dose_kind": "booster",
            "date_given": "2022-03-01",
            "person": {
                **{name: person[name] for name in _FIELDS},
                "full_name": bare(person["full_name"]).title(), "personal_id": "",
            },
        }
        for at, person in enumerate(people[:count])
    ]  # fmt: skip
    rows = "\n".join(json.dumps(dose, ensure_ascii=False) for dose in doses).encode()
    batch = await site.system.push(rows, "application/x-ndjson")
    assert batch["accepted"] == len(doses)


async def decide_next(site: Site, account: str, decision: str) -> str:
    """Decides the next case as a form without scripts does; gives its number."""
    async with site.signed_in(account) as officer:
        page = (await officer.get("/cases")).text
        case = re.search(r'action="/cases/(\d+)/decide"', page)
        assert case, "no case waits"
        fields = dict(re.findall(r'name="(version|key)" value="([^"]*)"', page))
        person = re.search(r'name="personal_id" value="(\d+)"', page)
        sent = await officer.post(
            f"/cases/{case[1]}/decide",
            data={
                **fields,
                "csrf": token_of(page),
                "decision": decision,
                **({"personal_id": person[1]} if person else {}),
            },
        )
        assert sent.status_code == 303, sent.text
    return case[1]


async def say_in_thread(site: Site, account: str, path: str, kind: str, text: str) -> None:
    """Says something in the thread of a case, as a form without scripts does."""
    async with site.signed_in(account) as person:
        page = (await person.get(path)).text
        key = re.search(r'name="key" value="([^"]*)"', page)
        assert key
        form = {"csrf": token_of(page), "key": key[1], "kind": kind, "text": text}
        sent = await person.post(path, data=form)
        assert sent.status_code == 303, sent.text
