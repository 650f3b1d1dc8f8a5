"""Doses typed about registered people, and how tests act as officers, the registry and the
citizen.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import httpx

from contracts.access import Role
from contracts.events import DoseFacts, DosesRecorded, Person, RecordedDose, checked
from contracts.topics import RECORDED
from deploy.audit.run import audit
from deploy.sample.population import Registered
from services.chassis.bus import Event
from services.chassis.db import plain_dsn
from tests.support.stack import PATIENCE_S, System

HOME = ("68", "681", "24769")
AREA, ELSEWHERE = "68681", "01011"
FACILITY, OTHER_FACILITY = "68001", "01001"
FIRST, SECOND = "officer-one", "officer-two"
_INJECTIONS, _DAYS = count(), 400


def _person(number: str, name: str, birth: str, sex: str = "female") -> Registered:
    return Registered(number, (), name, birth, sex, "VN", *HOME, "alive")


TAM = _person("068180000011", "Nguyễn Thị Tâm", "1980-05-03")
BINH = _person("068081000012", "Trần Quốc Bình", "1981-06-14", "male")
CHAU = _person("068182000013", "Phạm Minh Châu", "1982-07-25")
DUNG = _person("068083000014", "Lê Tiến Dũng", "1983-08-16", "male")
GIANG = _person("068184000015", "Hồ Hương Giang", "1984-09-17")
HANH = _person("068185000016", "Đặng Bích Hạnh", "1985-10-18")
KHOI = _person("068086000017", "Võ Đăng Khôi", "1986-11-19", "male")
LOAN = _person("068187000018", "Bùi Kiều Loan", "1987-12-20")
MY = _person("068188000019", "Đỗ Trà My", "1988-01-21")
NGA = _person("068189000020", "Ngô Thúy Nga", "1989-02-22")
OANH = _person("068190000021", "Dương Kim Oanh", "1990-03-23")
PHUC = _person("068091000022", "Lý Hồng Phúc", "1991-04-24", "male")
QUYEN = _person("068192000023", "Mai Lệ Quyên", "1992-05-25")
SON = _person("068093000024", "Tô Hoài Sơn", "1993-06-26", "male")
VAN = _person("068194000027", "Thái Cẩm Vân", "1994-07-27")
XUAN = _person("068095000028", "Từ Trọng Xuân", "1995-08-28", "male")
YEN = _person("068196000029", "Mạc Ngọc Trâm", "1996-09-29")
NGOC = _person("068312000025", "Nguyễn Minh Ngọc", "2012-09-05")
EVERYBODY = (
    TAM, BINH, CHAU, DUNG, GIANG, HANH, KHOI, LOAN, MY, NGA, OANH, PHUC, QUYEN, SON, VAN, XUAN,
    YEN, NGOC,
)  # fmt: skip


def typed(person: Registered, **otherwise: Any) -> dict[str, Any]:
    """A dose of a registered person, typed as registered but for `otherwise`."""
    of_person = {
        "full_name": person.full_name,
        "date_of_birth": person.date_of_birth,
        "sex": person.sex,
        "personal_id": person.personal_id,
        "province_code": HOME[0],
        "district_code": HOME[1],
        "commune_code": HOME[2],
    }
    dose = {
        "facility_code": FACILITY,
        "product": "Pfizer",
        "lot": "FK0112",
        "dose_number": "1",
        "dose_kind": "primary",
    }
    # tests share one system: each of these is an injection of its own, or it would be a duplicate
    day = date(2021, 3, 9) + timedelta(days=next(_INJECTIONS) % _DAYS)
    return {
        **dose,
        "source_id": uuid4().hex[:12],
        "date_given": day.isoformat(),
        "person": of_person | otherwise,
    }


def recorded_dose(
    person: Registered, dose_id: int, version: int = 1, **otherwise: Any
) -> RecordedDose:
    """A dose as records tells it, typed as registered but for `otherwise`."""
    fields = {
        "full_name": person.full_name,
        "date_of_birth": person.date_of_birth,
        "sex": person.sex,
        "personal_id": person.personal_id,
    }
    home = dict(zip(("province_code", "district_code", "commune_code"), HOME, strict=True))
    of_person = checked(Person, {**fields, **home, "date_precision": "day"} | otherwise)
    facts = DoseFacts(
        product="comirnaty",
        lot="FK0112",
        dose_number=1,
        dose_kind="primary",
        date_given=date(2021, 11, 2),
    )
    return RecordedDose(dose_id, version, str(dose_id), FACILITY, of_person, facts)


def recorded(*doses: RecordedDose) -> Event:
    """The event that tells of these doses."""
    value = DosesRecorded(batch_id=1, doses=list(doses)).model_dump_json().encode()
    return Event(
        str(uuid4()),
        RECORDED.name,
        RECORDED.name,
        "/records",
        str(doses[0].dose_id),
        datetime.now(UTC),
        value,
        {},
    )


class Pipeline:
    """The running system as tests use it."""

    def __init__(self, running: System) -> None:
        self.running = running

    async def push(self, *doses: dict[str, Any]) -> list[int]:
        """Records doses, and answers their ids once each is in a final state."""
        async with self.running.client() as client:
            created = await client.post("/records/v1/batches", json={"doses": list(doses)})
            assert created.status_code == 202, created.text
            assert created.json()["rejected"] == 0, created.text
        batch_id = created.json()["batch_id"]
        await self.running.settled(batch_id)
        ids = {row["source_id"]: int(row["dose_id"]) for row in await self.running.rows(batch_id)}
        return [ids[dose["source_id"]] for dose in doses]

    async def dose(self, dose_id: int) -> dict[str, Any]:
        """A dose as records has it."""
        async with self.running.client() as client:
            found = await client.get(f"/records/v1/doses/{dose_id}")
            assert found.status_code == 200, found.text
            return dict(found.json())

    async def becomes(self, dose_id: int, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The dose once it is as wanted."""
        return await _until(lambda: self.dose(dose_id), true)

    async def certificate(self, uvci: str) -> dict[str, Any]:
        """A certificate, revoked ones too."""
        async with self.running.client() as client:
            found: dict[str, Any] = (
                await client.get(f"/signer/v1/certificates/{quote(uvci, safe='')}")
            ).json()
            return found

    async def status_becomes(self, uvci: str, status: str) -> None:
        """Waits until a certificate is valid or revoked."""
        await _until(lambda: self.certificate(uvci), lambda found: bool(found["status"] == status))

    async def name_on_passport(self, number: str) -> str:
        """The name that the citizen shows."""
        async with self.running.client(Role.CITIZEN, personal_id=number) as client:
            passport = (await client.get("/signer/v1/me/passport")).json()
        return str(passport["fields"][0]["value_vi"])

    async def registry_changes(self, kind: str, person: Registered, **new: Any) -> None:
        """Something happens to a person."""
        order = {"kind": kind, "personal_id": person.personal_id, **new}
        with self.running.stack.direct("registry") as client:
            answer = client.post("/registry/v1/control", json={"changes": [order]})
            assert answer.status_code == 200, answer.text

    def officer(self, subject: str = FIRST, area: str = AREA) -> httpx.AsyncClient:
        """A police officer of an area."""
        return self.running.client(Role.POLICE, areas=[area], subject=subject)

    async def decides(
        self, case_id: int, decision: str, officer: str = FIRST, **more: Any
    ) -> httpx.Response:
        """What an officer's decision was answered."""
        headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
        body = {"decision": decision, "note_code": "PAPERS_SEEN", **more}
        async with self.officer(officer) as client:
            return await client.post(
                f"/verifier/v1/cases/{case_id}/decision", json=body, headers=headers
            )

    async def undoes(
        self, case_id: int, officer: str = FIRST, key: str | None = None
    ) -> httpx.Response:
        """What an officer was answered who took the last decision back."""
        headers = {"Idempotency-Key": key} if key else {}
        async with self.officer(officer) as client:
            return await client.delete(f"/verifier/v1/cases/{case_id}/decision", headers=headers)

    async def worklist_item(self, dose_id: int) -> dict[str, Any]:
        """A dose as the worklist has it."""
        async with self.running.client() as client:
            found = await client.get("/records/v1/worklist", params={"limit": 500})
            assert found.status_code == 200, found.text
            [item] = [item for item in found.json()["items"] if item["dose"]["dose_id"] == dose_id]
            return dict(item)

    async def case(self, case_id: int) -> dict[str, Any]:
        """A case as an officer sees it."""
        async with self.officer() as client:
            found = await client.get(f"/verifier/v1/cases/{case_id}")
            assert found.status_code == 200, found.text
            return dict(found.json())

    async def verifications(self, dose_id: int, role: Role, **limits: Any) -> list[dict[str, Any]]:
        """Every verification of a dose as a role sees it, the oldest version first."""
        async with self.running.client(role, **limits) as client:
            answer = await client.get("/verifier/v1/verifications", params={"dose_id": dose_id})
            assert answer.status_code == 200, answer.text
            return list(answer.json()["items"])

    async def acts(self, subject: int) -> list[tuple[str, str]]:
        """(caller, act) that the audit holds of a dose, in order."""
        connection = await asyncpg.connect(plain_dsn(self.running.stack.databases["verifier"]))
        try:
            rows = await connection.fetch(
                "SELECT caller, act FROM audit WHERE subjects @> ARRAY[$1::bigint] ORDER BY id",
                subject,
            )
        finally:
            await connection.close()
        return [(row["caller"], row["act"]) for row in rows]

    async def off(self) -> list[str]:
        """What the audit of the three databases finds wrong once all has come to rest."""

        async def look() -> dict[str, Any]:
            report = await audit(self.running.stack.databases, None)
            return {"codes": sorted(report.findings)}

        return list(
            (
                await _until(
                    look,
                    lambda found: not {"PENDING", "NOT_CERTIFIED", "OUTBOX"} & set(found["codes"]),
                )
            )["codes"]
        )


async def _until(
    ask: Callable[[], Awaitable[dict[str, Any]]], true: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while not true(found := await ask()):
        assert time.monotonic() < deadline, {
            name: found.get(name) for name in ("state", "grade", "version", "status")
        }
        await asyncio.sleep(0.2)
    return found
