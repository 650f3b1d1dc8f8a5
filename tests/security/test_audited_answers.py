"""Every answer that holds somebody's data is a row of the audit; a new route says how it is, or why
it need not be.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

import asyncpg
import httpx
import pytest
from pydantic import TypeAdapter

from contracts.access import Role
from deploy.sample.population import Registered, synthesise
from services.chassis.db import plain_dsn
from services.records.disclosure import audit_acts
from tests.support.stack import System
from tests.support.tokens import TestIssuer
from tests.support.walk import SERVICES, app_of, routes

SUBJECT = "walks-all-routes"
PNG = "iVBORw0KGgpub3QgbXVjaCBvZiBhIHBpY3R1cmU="
PERSONAL = frozenset(
    {
        "full_name", "date_of_birth", "sex", "personal_id", "passport_number", "phone", "person",
        "typed", "used", "uvci", "qr", "dose_id", "dose", "case_id", "grade", "attributes",
        "suggestions", "candidates", "text", "answer", "contact", "examples", "fields",
    }
)  # fmt: skip
"""Names of fields that say something of one person, or of one dose."""


@dataclass
class World:
    """What the routes are asked about; a route's answer may add to it."""

    ids: dict[str, Any] = field(default_factory=dict)


class Asked(NamedTuple):
    """A call by somebody who may, and the acts that it leaves in the audit, in their order."""

    acts: tuple[str, ...]
    role: Role = Role.MINISTRY
    body: Callable[[World], Any] = lambda world: None
    query: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    dose: str = "dose_id"
    supplement: str = "supplement_id"


def _desk(act: str, body: Callable[[World], Any] = lambda world: None) -> Asked:
    return Asked((act,), Role.POLICE, body, dose="suggested_id")


def _police(*acts: str, body: Callable[[World], Any] = lambda world: None) -> Asked:
    return Asked(acts, Role.POLICE, body)


FINDINGS = hasattr(audit_acts, "FINDINGS")
"""Whether findings are audited in this release: together with their reach."""
AUDITED: Mapping[str, Asked] = {
    "GET /records/v1/batches/{batch_id}/rows": Asked(("batch_rows",)),
    "GET /records/v1/batches/{batch_id}/rows.csv": Asked(("batch_export",)),
    "GET /records/v1/batches/{batch_id}/rows.xlsx": Asked(("batch_export",)),
    "GET /records/v1/doses/{dose_id}": Asked(("dose_read",)),
    "POST /records/v1/people/search": Asked(
        ("person_search",),
        body=lambda world: {"number": world.ids["person"]["personal_id"]},
        headers={"X-Purpose": "assistance"},
    ),
    "GET /records/v1/worklist": Asked(("worklist",)),
    "GET /records/v1/worklist.csv": Asked(("worklist_export",)),
    "GET /records/v1/worklist.xlsx": Asked(("worklist_export",)),
    "GET /records/v1/clusters": Asked(("clusters",)),
    "POST /records/v1/clusters/{cluster_id}/preview": Asked(
        ("cluster_preview",), body=lambda world: {"rule": "PHONE_TO_ITS_FIELD"}
    ),
    "GET /records/v1/findings": Asked(("findings",)),
    "POST /records/v1/findings/{finding_id}/close": Asked(
        ("finding_close",), body=lambda world: {"outcome": "correct"}
    ),
    "POST /records/v1/supplements": Asked(
        ("supplement_record",),
        Role.STATION,
        lambda world: slip(world.ids["living"], 3),
        dose="suggested_id",
    ),
    "GET /records/v1/supplements": Asked(("supplements",)),
    "GET /records/v1/supplements/{supplement_id}": Asked(("supplement_read",)),
    "GET /records/v1/supplements/{supplement_id}/picture": Asked(("supplement_picture",)),
    "POST /records/v1/supplements/{supplement_id}/contest": Asked(
        ("supplement_answer",), Role.FACILITY, lambda world: {"reason": "not_given_here"}
    ),
    "POST /records/v1/supplements/{supplement_id}/ruling": Asked(
        ("supplement_answer",), body=lambda world: {"upheld": False}
    ),
    "POST /records/v1/supplements/{supplement_id}/confirm": Asked(
        ("supplement_answer",), Role.FACILITY, supplement="confirmed_id"
    ),
    "GET /records/v1/complaints/{complaint_id}": Asked(("complaint_read",)),
    "GET /records/v1/complaints/{complaint_id}/picture": Asked(("complaint_picture",)),
    "POST /records/v1/complaints/{complaint_id}/forward": Asked(
        ("complaint_forward",), body=lambda world: {"province_code": "68"}
    ),
    "POST /records/v1/complaints/{complaint_id}/answer": Asked(
        ("complaint_answer",), body=lambda world: {"text": "Đã sửa."}
    ),
    "POST /verifier/v1/checks": Asked(
        ("check",), body=lambda world: {"people": [world.ids["person"]]}
    ),
    "GET /verifier/v1/verifications": Asked(("read",), query="?dose_id={dose_id}"),
    "GET /verifier/v1/cases": Asked(("case_list",)),
    "GET /verifier/v1/cases/{case_id}": Asked(("case_read",)),
    # two looks: at the registry's person, and at the dose
    "GET /verifier/v1/cases/{case_id}/thread": _police("thread_read"),
    "POST /verifier/v1/cases/{case_id}/thread": _police(
        "thread_say", body=lambda world: {"kind": "note", "text": "Đã gọi điện"}
    ),
    "GET /verifier/v1/cases/{case_id}/thread/{message_id}/picture": _police("thread_read"),
    "POST /verifier/v1/cases/next": _police("case_claim", body=lambda world: {}),
    "POST /verifier/v1/cases/{case_id}/claim": _police("case_claim"),
    "POST /verifier/v1/cases/{case_id}/hand-over": _police("case_claim", body=lambda world: {}),
    "POST /verifier/v1/cases/{case_id}/decision": _police(
        "look_up",
        "case_confirm",
        body=lambda world: {
            "decision": "confirm",
            "personal_id": world.ids["candidate"],
            "note_code": "PERSON_SEEN",
            "reason": "Đã gặp người này",
        },
    ),
    "DELETE /verifier/v1/cases/{case_id}/decision": _police("case_undo"),
    "POST /verifier/v1/bulk/pages/{page_id}/confirm": _police(
        "bulk_confirm", body=lambda world: world.ids["verdict"]
    ),
    "DELETE /verifier/v1/bulk/pages/{page_id}": _police("bulk_undo"),
    "POST /verifier/v1/bulk/runs/{run_id}/pages": _police("bulk_page", body=lambda world: {}),
    "POST /verifier/v1/bulk/pages/next": _police("bulk_page", body=lambda world: {}),
    "DELETE /verifier/v1/bulk/runs/{run_id}": _police("bulk_undo"),
    "GET /verifier/v1/bulk/stops": _police("bulk_page"),
    "POST /verifier/v1/bulk/stops/{stop_id}/lift": Asked(("bulk_lift",)),
    **{
        f"GET /signer/v1/certificates/{{uvci}}{kind}": Asked(("certificate",))
        for kind in ("", ".png", ".svg", ".pdf")
    },
    "POST /signer/v1/lookup-codes": Asked(
        ("lookup_code",),
        Role.STATION,
        lambda world: {"personal_id": world.ids["person"]["personal_id"]},
    ),
    "POST /records/v1/doses/{dose_id}/dismiss-suggestion": _desk(
        "suggestion_dismiss", lambda world: {"version": 1}
    ),
    "DELETE /records/v1/doses/{dose_id}/dismiss-suggestion": _desk("suggestion_dismiss"),
    # by sight it waits for a second officer: so the dose stays as it is
    "POST /records/v1/doses/{dose_id}/accept-suggestion": _desk(
        "suggestion_accept", lambda world: {"version": 1, "proof": "sight"}
    ),
    "DELETE /records/v1/doses/{dose_id}/accept-suggestion": _desk("suggestion_undo"),
    # these change the dose that others are asked about: they come last
    "PATCH /records/v1/doses/{dose_id}": Asked(
        ("dose_correct",), body=lambda world: {"reason": "misread", "lot": "FK0050"}
    ),
    "DELETE /records/v1/doses/{dose_id}": Asked(("dose_withdraw",)),
}
NOTHING_PERSONAL: Mapping[str, str] = {
    "POST /records/v1/batches": "counts of what the caller sent",
    "GET /records/v1/batches": "counts of files",
    "GET /records/v1/batches/{batch_id}": "counts of a file's rows by state",
    "GET /records/v1/batches/{batch_id}/events": "the same, as they change",
    "POST /records/v1/webhooks": "an address and a secret of the caller's own",
    "GET /records/v1/webhooks": "addresses of the caller's own",
    "DELETE /records/v1/webhooks/{webhook_id}": "nothing is answered",
    "POST /records/v1/webhooks/{webhook_id}/rotate": "a secret of the caller's own",
    "POST /records/v1/webhooks/{webhook_id}/test": "nothing is answered",
    "GET /records/v1/webhooks/{webhook_id}/deliveries": "times and outcomes, no message",
    "GET /records/v1/worklist/summary": "counts by area, facility or reason",
    "POST /records/v1/worklist/assign": "how many of the ids that the caller sent, and which not",
    "GET /records/v1/progress": "counts by area, facility or day",
    "GET /records/v1/progress/overview": "counts of an area or a facility",
    "GET /records/v1/progress/days": "counts of an area or a facility by day",
    "GET /records/v1/progress/units": "counts by area or facility",
    "GET /records/v1/progress/units.csv": "counts by area or facility",
    "GET /records/v1/progress/days.csv": "counts of an area or a facility by day",
    "GET /records/v1/progress/reasons.csv": "counts by reason",
    "PUT /records/v1/reports/{facility}/{day}": "two counts of a day",
    "POST /records/v1/clusters/search": "nothing is answered",
    "POST /records/v1/clusters/{cluster_id}/apply": "counts of a rule's run",
    "GET /records/v1/rule-runs": "counts of a rule's run",
    "POST /records/v1/rule-runs/{run_id}/undo": "counts of a rule's run",
    "POST /records/v1/complaints": "a number and a time; who complains has just said the rest",
    "GET /records/v1/complaints": "offices and times: neither who complains nor what is said",
    "GET /verifier/v1/bulk/kinds": "counts by kind",
    "POST /verifier/v1/bulk/runs": "counts of a run",
    "GET /verifier/v1/bulk/runs": "counts of runs",
    "GET /verifier/v1/bulk/runs/{run_id}": "counts of a run",
    "POST /signer/v1/lookups": "the same answer to everybody",
    "GET /signer/v1/trust-list": "public keys",
    "GET /signer/v1/verifier-data": "public keys, and hashes of what was revoked",
    "GET /signer/v1/revocations": "hashes that tell nothing of a certificate",
    **{
        f"GET /{service}/{page}": "about the process"
        for service in SERVICES
        for page in ("healthz", "readyz", "metrics")
    },
}
"""Routes that answer nothing of one person or dose, and what they answer instead."""
OWN: Mapping[str, str] = {
    "POST /records/v1/batches/preview": "the first rows of what the caller has just sent",
    "GET /records/v1/me/complaints": "the citizen's own, by their token",
    "GET /records/v1/me/doses": "the citizen's own, by their token",
    "GET /signer/v1/me/passport": "the citizen's own, by their token",
    "GET /signer/v1/me/passport.pdf": "the citizen's own, by their token",
    **{
        f"POST /signer/v1/passport-links/{act}": "the passport of who holds the letter's link"
        for act in ("open", "again", "passport.pdf")
    },
    "POST /signer/v1/verify": "what the code says that the caller holds",
}
"""Routes that tell callers what is theirs: the audit is of looks at others."""


def _walked(issuer: TestIssuer) -> Iterator[tuple[str, Any]]:
    for service in SERVICES:
        for route in routes(app_of(service, issuer)):
            for method in route.methods:
                yield f"{method} {route.path_format}", route.original_route.response_model


def _fields(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _fields(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _fields(part)


def test_every_route_is_audited_or_says_why_it_need_not_be(tmp_path: Path) -> None:
    walked = dict(_walked(TestIssuer(tmp_path)))
    assert sorted(walked) == sorted([*AUDITED, *NOTHING_PERSONAL, *OWN])
    for route in NOTHING_PERSONAL:
        if walked[route] is not None:
            told = set(_fields(TypeAdapter(walked[route]).json_schema(mode="serialization")))
            assert not told & PERSONAL, route


@pytest.fixture(scope="module")
async def world(target: System) -> World:
    """A certified dose, one of somebody who died, two that contradict each other, a facility's
    habit, and a complaint.
    """
    *living, died = synthesise(500, 2021).people()
    good, twice, other = living[:3]
    near = [person for person in living[115:] if person.province_code == died.province_code]
    with target.stack.direct("registry") as registry:
        order = {"kind": "died", "personal_id": died.personal_id}
        registry.post("/registry/v1/control", json={"changes": [order]}).raise_for_status()
    batch = await target.push(
        ndjson(
            dose("good", good),
            dose("died", died),
            dose("twice", twice),
            dose("again", twice, facility_code="68002"),
            dose("suggested", other) | {"person": typed(other) | home_of(other) | NO_NUMBER},
            *(dose(f"habit{n}", person, "68001", f"09123456{n:02}")
              for n, person in enumerate(living[3:15])),
            *(dose(f"right{n}", person, "68003") for n, person in enumerate(living[15:115])),
            *(dose(f"bulk{n}", person, number="không có") for n, person in enumerate(near[:6])),
            dose("phone", near[6], number="0912345678"),
        ),
        "application/x-ndjson",
    )  # fmt: skip
    # the registry's feed tells of the death, too: then that dose is verified once more
    while True:
        rows = {row["source_id"]: row for row in await target.rows(batch["batch_id"])}
        if rows["died"]["state"] != "pending":
            break
        await target.settled(batch["batch_id"])
    assert rows["good"]["state"] == "issued", rows["good"]
    assert rows["died"]["state"] == "in_review", rows["died"]
    async with target.client(Role.MINISTRY) as ministry, target.client(None) as anybody:
        await ministry.post("/records/v1/clusters/search")
        clusters = (await ministry.get("/records/v1/clusters")).json()["items"]
        known = (await ministry.get(f"/records/v1/doses/{rows['good']['dose_id']}")).json()
        complaint = await anybody.post(
            "/records/v1/complaints",
            json={"kind": "missing_dose", "text": "Thiếu", "province_code": "79", "picture": PNG},
        )
        finding = await _found(ministry) if FINDINGS else 0
    supplements = []
    async with target.client(Role.STATION, areas=[other.province_code]) as station:
        for number in (1, 2):
            taken = await station.post("/records/v1/supplements", json=slip(other, number))
            assert taken.status_code == 201, taken.text
            supplements.append(taken.json()["supplement_id"])
    return World(
        {
            "batch_id": batch["batch_id"],
            "dose_id": rows["good"]["dose_id"],
            "suggested_id": rows["suggested"]["dose_id"],
            "case_id": rows["died"]["dose_id"],
            "uvci": quote(known["uvci"], safe=""),
            "cluster_id": clusters[0]["cluster_id"],
            "complaint_id": complaint.json()["complaint_id"],
            "finding_id": finding,
            "supplement_id": supplements[0],
            "confirmed_id": supplements[1],
            "living": other,
            "person": typed(good),
            "died": typed(died),
            "home": died.province_code,
            "suggested_home": other.province_code,
            "candidate": other.personal_id,
        }
        | await _bulk(target, died.province_code)
        | await _thread(target, died.province_code, rows["died"]["dose_id"])
    )


async def _thread(target: System, home: str, case_id: int) -> dict[str, Any]:
    """A message with a picture."""
    said = {"kind": "note", "picture": PNG}
    async with target.client(Role.POLICE, areas=[home]) as officer:
        answer = await officer.post(f"/verifier/v1/cases/{case_id}/thread", json=said)
    return {"message_id": answer.json()["messages"][0]["id"]}


async def _bulk(target: System, home: str) -> dict[str, Any]:
    """A run and an open page of who walks, a page that waits for them, and a stop."""
    missing, phone = "MISSING_NUMBER_SOLE", "NO_PERSONAL_NUMBER_SOLE"
    before = await _page(target, home, SUBJECT, missing)
    await _confirm(target, home, SUBJECT, before, {"rows": _seen(before)})
    own = await _page(target, home, SUBJECT, missing)
    first = await _page(target, home, "another", missing)
    await _confirm(target, home, "another", first, {"rows": _seen(first)})
    wrong = await _page(target, home, "another", phone)
    verdict = {"rows": [], "wrong": [row["id"] for row in wrong["rows"]]}
    await _confirm(target, home, "another", wrong, verdict)
    async with target.client(Role.POLICE, subject="another", areas=[home]) as officer:
        [stop] = (await officer.get("/verifier/v1/bulk/stops")).json()["items"]
    return {
        "run_id": own["run_id"],
        "page_id": own["id"],
        "verdict": {"rows": _seen(own)},
        "stop_id": stop["id"],
    }


async def _confirm(
    target: System, home: str, officer: str, page: dict[str, Any], said: dict[str, Any]
) -> None:
    path = f"/verifier/v1/bulk/pages/{page['id']}/confirm"
    async with target.client(Role.POLICE, subject=officer, areas=[home]) as client:
        (await client.post(path, json=said)).raise_for_status()


async def _page(target: System, home: str, officer: str, kind: str) -> dict[str, Any]:
    async with target.client(Role.POLICE, subject=officer, areas=[home]) as client:
        new = {"kind": kind, "area": home}
        run = (await client.post("/verifier/v1/bulk/runs", json=new)).json()
        taken = await client.post(f"/verifier/v1/bulk/runs/{run['id']}/pages", json={})
    return dict(taken.json()["page"])


def _seen(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in ("id", "version", "seen")} for row in page["rows"]]


async def _found(ministry: httpx.AsyncClient) -> int:
    """The finding of the doses that contradict each other, once it was searched for."""
    async with asyncio.timeout(60):
        while not (items := (await ministry.get("/records/v1/findings")).json()["items"]):
            await asyncio.sleep(0.5)
    return int(items[0]["finding_id"])


_HOME = ("province_code", "district_code", "commune_code")
NO_NUMBER = {"personal_id": ""}


def home_of(person: Registered) -> dict[str, str]:
    """Where a registered person lives, as a clinic types it."""
    return {name: getattr(person, name) for name in _HOME}


def typed(person: Registered) -> dict[str, str | None]:
    """A registered person as a clinic types them."""
    return {
        "full_name": person.full_name,
        "date_of_birth": person.date_of_birth,
        "sex": person.sex,
        "personal_id": person.personal_id,
    }


def dose(
    code: str, person: Registered, facility_code: str = "79001", number: str | None = None
) -> dict[str, object]:
    """A dose of a registered person; `number`: what was typed for the personal number."""
    residence = home_of(person)
    return {
        "source_id": code, "facility_code": facility_code, "product": "Pfizer", "lot": "FK0050",
        "dose_number": "1", "dose_kind": "primary", "date_given": "16/10/2021",
        "person": typed(person) | residence | {"personal_id": number or person.personal_id},
    }  # fmt: skip


def slip(person: Registered, number: int) -> dict[str, object]:
    """What a station types from a slip of the facility 79001."""
    kind = "primary" if number < 3 else "booster"
    day = f"{number}/11/2021"
    typed_dose = dose("", person) | {"dose_number": number, "dose_kind": kind, "date_given": day}
    typed_dose["person"] = {**typed(person), **home_of(person)}
    return {**typed_dose, "picture": PNG}


def ndjson(*rows: dict[str, object]) -> bytes:
    """Rows of an upload, one a line."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


async def _newest(target: System) -> dict[str, int]:
    return {name: (await _rows(target, name, 0) or [(0, "")])[-1][0] for name in SERVICES}


async def _rows(target: System, service: str, after: int) -> list[tuple[int, str]]:
    connection = await asyncpg.connect(plain_dsn(target.stack.databases[service]))
    try:
        found = await connection.fetch(
            "SELECT id, act, purpose, shown FROM audit WHERE caller = $1 AND id > $2 ORDER BY id",
            SUBJECT,
            after,
        )
    finally:
        await connection.close()
    assert all(row["purpose"] and row["shown"] > 0 for row in found)
    return [(row["id"], row["act"]) for row in found]


@pytest.mark.parametrize("route", AUDITED)
async def test_an_answer_leaves_exactly_its_rows_in_the_audit(
    target: System, world: World, route: str
) -> None:
    asked = AUDITED[route]
    if "/findings" in route and not FINDINGS:
        pytest.skip("findings are audited together with their reach")
    method, path = route.split(" ")
    before = await _newest(target)
    home = "suggested_home" if asked.dose == "suggested_id" else "home"
    areas = [world.ids[home]] if asked.role in {Role.POLICE, Role.STATION} else []
    facility = "79001" if asked.role is Role.FACILITY else None
    about = {"dose_id": world.ids[asked.dose], "supplement_id": world.ids[asked.supplement]}
    async with target.client(asked.role, subject=SUBJECT, areas=areas, facility=facility) as client:
        answer = await client.request(
            method,
            (path + asked.query).format(**world.ids | about),
            json=asked.body(world),
            headers=dict(asked.headers),
        )
    assert answer.is_success, answer.text
    left = {name: await _rows(target, name, before[name]) for name in SERVICES}
    service = path.split("/")[1]
    assert tuple(act for _, act in left.pop(service)) == asked.acts
    assert not any(left.values())


async def test_that_somebody_has_died_is_told_to_the_police_alone(
    target: System, world: World
) -> None:
    case = world.ids["case_id"]
    home = world.ids["home"]
    callers = {
        "facility": target.client(Role.FACILITY, facility="79001"),
        "station": target.client(Role.STATION, areas=[home]),
        "ministry": target.client(Role.MINISTRY),
        "police": target.client(Role.POLICE, areas=[home]),
    }
    told = {}
    for name, client in callers.items():
        async with client:
            answers = [
                await client.post("/verifier/v1/checks", json={"people": [world.ids["died"]]}),
                await client.get(f"/verifier/v1/verifications?dose_id={case}"),
                await client.get(f"/verifier/v1/cases/{case}"),
                await client.get("/verifier/v1/cases"),
                await client.get(f"/records/v1/doses/{case}"),
                await client.get("/records/v1/worklist"),
                await client.get("/records/v1/worklist.csv"),
                await client.get("/records/v1/worklist/summary"),
            ]
        told[name] = [
            "PERSON_DECEASED" in answer.text or "đã mất" in answer.text for answer in answers
        ]
    assert told.pop("police")[:4] == [True] * 4
    assert told == {name: [False] * 8 for name in told}
