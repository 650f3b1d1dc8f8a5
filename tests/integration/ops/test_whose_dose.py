"""No upload, correction or rule ends another person's certificate, whoever sends what in which
order; nor makes one of it alone.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from contracts.access import Reach, Role
from deploy.sample.population import Registered
from services.chassis.errors import ServiceError
from services.records.clusters import service
from services.records.clusters.key import ClusterKey
from services.records.clusters.rules import RULES
from services.signer.domain.passport import CertificateContent
from services.signer.hcert.cose import load
from services.signer.store.intents import INTENT_COLUMNS, StoredIntent, open_claims
from tests.integration.verifier.work import (
    BINH,
    CHAU,
    DUNG,
    EVERYBODY,
    FIRST,
    GIANG,
    SECOND,
    TAM,
    typed,
)
from tests.support.country import EVERYONE, Country, open_country
from tests.support.postgres import PostgresServer

# a namesake of one birth date, and a twin whose name differs by an accent
NAMESAKE = TAM._replace(personal_id="079180345678")
TWIN = TAM._replace(personal_id="068180000019", full_name="Nguyễn Thị Tầm")
PEOPLE = (TAM, BINH, CHAU, NAMESAKE, TWIN)
REGISTERED = (*EVERYBODY, NAMESAKE, TWIN)
DAYS = ("2021-08-02", "2021-08-03", "2021-09-10")
_VALID = f"""
SELECT {", ".join(f"intent.{name}" for name in INTENT_COLUMNS)} FROM intent
JOIN signature USING (dose_id, version, edition)
WHERE NOT EXISTS (SELECT FROM revocation WHERE revocation.uvci = intent.uvci) ORDER BY dose_id
"""


class Certified(NamedTuple):
    """A valid certificate: its dose, whose it is, and for which injection."""

    dose_id: int
    version: int
    person: int
    name: str
    day: date
    number: int


@pytest.fixture
async def country(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Country]:
    """Three services over a registry with namesakes and twins."""
    async with open_country(postgres, tmp_path, REGISTERED) as opened:
        yield opened


async def certified(country: Country) -> dict[int, Certified]:
    """The valid certificates by dose; no dose has two."""
    valid: dict[int, Certified] = {}
    for row in await country.rows("signer", _VALID):
        intent = StoredIntent(*row)
        claims, _, nationality = open_claims(country.signing.sealer, intent)
        held = CertificateContent(load(claims), nationality)
        name = f"{held.payload['nam']['fn']} {held.payload['nam'].get('gn', '')}"
        assert intent.dose_id not in valid, "one dose has two certificates"
        number = held.dose["dn"]
        valid[intent.dose_id] = Certified(
            intent.dose_id, intent.version, intent.person, name, intent.date_given, number
        )
    return valid


class Senders:
    """Who sends at random: a facility with its own codes, a service, a station; each row may be
    anybody's.
    """

    def __init__(self, country: Country, random: Random) -> None:
        self._country = country
        self._random = random
        self.withdrawn: set[int] = set()
        self.log: list[str] = []

    async def act(self) -> None:
        """One random act."""
        name = self._random.choice(["upload"] * 5 + ["patch"] * 3 + ["withdraw", "rule"])
        self.log.append(name)
        await getattr(self, name)()

    def _row(self, person: Registered) -> dict[str, Any]:
        dose = typed(person, **self._slips(person))
        code = {} if self._random.random() < 0.1 else {"source_id": self._random.choice("12")}
        number = self._random.choice(["1", "1", "2"])
        dose |= {
            **code,
            "date_given": self._random.choice(DAYS),
            "dose_number": number,
            "lot": self._random.choice(["FK0112", "FK0113"]),
        }
        if self._random.random() < 0.3:
            dose["version"] = str(self._random.randint(1, 3))
        return dose

    def _slips(self, person: Registered) -> dict[str, str]:
        other = self._random.choice(PEOPLE)
        return self._random.choice(
            [
                {},
                {},
                {},
                {"full_name": other.full_name},
                {"personal_id": other.personal_id},
                {"personal_id": ""},
                {"personal_id": person.personal_id[1:]},
                {"date_of_birth": other.date_of_birth},
                {"date_of_birth": person.date_of_birth[:4]},
            ]
        )

    async def upload(self) -> None:
        """Up to three rows, by one of the senders."""
        rows = [self._row(self._random.choice(PEOPLE)) for _ in range(self._random.randint(1, 3))]
        senders: list[tuple[Role, dict[str, Any]]] = [
            (Role.SERVICE, {}),
            (Role.FACILITY, {"facility": "68001"}),
            (Role.STATION, {"areas": ["68"]}),
        ]
        role, limits = self._random.choice(senders)
        self.log[-1] += f" {role} {rows}"
        headers = self._country.issuer.headers(role, **limits)
        answer = await self._country.client.post("/batches", json={"doses": rows}, headers=headers)
        assert answer.status_code == 202, answer.text

    async def _any_dose(self) -> int | None:
        ids = [
            row[0] for row in await self._country.rows("records", "SELECT id FROM dose ORDER BY id")
        ]
        return self._random.choice(ids) if ids else None

    async def patch(self) -> None:
        """One dose corrected to anybody, or on another day."""
        dose_id, person = await self._any_dose(), self._random.choice(PEOPLE)
        if dose_id is None:
            return
        whole = {
            name: getattr(person, name)
            for name in ("full_name", "date_of_birth", "personal_id", "sex")
        }
        some = dict(self._random.sample(sorted(whole.items()), self._random.randint(1, 4)))
        changes: list[dict[str, Any]] = [
            {"person": whole},
            {"person": some},
            {"date_given": self._random.choice(DAYS)},
            {"lot": "FK0114"},
        ]
        change = self._random.choice(changes)
        self.log[-1] += f" {dose_id} {change}"
        senders: list[dict[str, Any]] = [
            {"role": Role.SERVICE},
            {"role": Role.STATION, "areas": ["68"]},
        ]
        headers = self._country.issuer.headers(**self._random.choice(senders))
        answer = await self._country.client.patch(
            f"/doses/{dose_id}", json={"reason": "at random", **change}, headers=headers
        )
        assert answer.status_code in (200, 409), answer.text

    async def withdraw(self) -> None:
        """One dose withdrawn, which may end its certificate."""
        if (dose_id := await self._any_dose()) is not None and self._random.random() < 0.4:
            self.log[-1] += f" {dose_id}"
            await self._country.client.delete(f"/doses/{dose_id}", params={"code": "wrong_person"})
            self.withdrawn.add(dose_id)

    async def rule(self) -> None:
        """Every rule on all that waits of the facility, and sometimes its undoing."""
        context, everything = self._country.recording, Reach(everything=True)
        for reason, rule in RULES.items():
            cluster = ClusterKey("facility", "68001", reason)
            with suppress(ServiceError):
                async with context.db.begin() as tx:
                    plan = await service.plan(context, tx, everything, cluster, rule)

                async def done(_tx: Any, _run: int) -> None:
                    pass

                run_id = await service.apply(
                    context, everything, cluster, rule, plan.token, "ministry", done
                )
                if self._random.random() < 0.5:
                    await service.undo(context, everything, run_id, "ministry")


@pytest.mark.parametrize("seed", range(6))
async def test_nobodys_certificate_ends_by_what_is_sent_about_somebody_else(
    country: Country, seed: int
) -> None:
    senders = Senders(country, Random(seed))
    owner: dict[int, tuple[int, str]] = {}
    before: dict[int, Certified] = {}
    for _ in range(14):
        await senders.act()
        await country.work(*EVERYONE)
        valid = await certified(country)
        log = "\n".join(senders.log)
        injections = [(one.person, one.day, one.number) for one in valid.values()]
        assert len(set(injections)) == len(injections), f"one injection is certified twice\n{log}"
        for dose_id, one in valid.items():
            assert owner.setdefault(dose_id, (one.person, one.name)) == (
                one.person,
                one.name,
            ), f"{dose_id} is another's\n{log}"
        for dose_id in before.keys() - valid.keys() - senders.withdrawn:
            # only corrected into an injection for which the same person is certified by another
            # record
            refusal = await country.rows(
                "records", f"SELECT refusal FROM dose_status WHERE dose_id = {dose_id}"
            )
            assert refusal == [("DUPLICATE_DOSE",)], f"the certificate of {dose_id} ended\n{log}"
            twins = [one for one in valid.values() if one.person == before[dose_id].person]
            assert twins, f"{before[dose_id].name} has nothing left\n{log}"
        before = valid
    assert owner, "nothing was certified at all"


async def decide(country: Country, case_id: int, officer: str, body: dict[str, Any]) -> str:
    """An officer's decision; answers the case's state."""
    headers = country.issuer.headers(Role.POLICE, areas=["68"], subject=officer)
    answer = await country.verifying.post(f"/cases/{case_id}/decision", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


async def test_a_certified_dose_becomes_another_persons_only_by_two_officers(
    country: Country,
) -> None:
    [dose] = [typed(TAM)]
    await country.client.post("/batches", json={"doses": [dose]})
    await country.work(*EVERYONE)
    [(dose_id, first)] = (await certified(country)).items()
    for person in (DUNG, GIANG):
        change = {
            "full_name": person.full_name,
            "date_of_birth": person.date_of_birth,
            "personal_id": person.personal_id,
            "sex": person.sex,
        }
        answer = await country.client.patch(
            f"/doses/{dose_id}", json={"reason": "wrong person", "person": change}
        )
        assert answer.status_code == 200, answer.text
        await country.work(*EVERYONE)
        assert await certified(country) == {dose_id: first}, "one token is not enough"
    version, state, *_ = (await country.stand())[dose_id]
    assert (version, state) == (3, "in_review")
    wish = {
        "decision": "confirm",
        "personal_id": GIANG.personal_id,
        "note_code": "PAPERS_SEEN",
        "reason": "giấy tờ gốc đã xem",
    }
    assert await decide(country, dose_id, FIRST, wish) == "awaiting_second"
    await country.work(*EVERYONE)
    assert await certified(country) == {dose_id: first}
    assert await decide(country, dose_id, SECOND, wish) == "decided"
    await country.work(*EVERYONE)
    [(_, second)] = (await certified(country)).items()
    assert (second.dose_id, second.name) == (dose_id, GIANG.full_name)
