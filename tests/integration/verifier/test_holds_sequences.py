"""Whatever corrections, decisions, undos and changes of the registry follow each other: nobody gets
another person's dose unseen.

Two properties over random sequences on a few doses. A dose is never let through as another
registered person than the one it was first certified as, without two different officers'
confirmations of that person in force. And a correction ends nobody's certificate: it stays, or the
same person's newer one takes its place, unless officers took back what it stood on, or confirmed
somebody else.
"""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st

from contracts.events import VerifiedDose
from contracts.ids import DoseId
from services.verifier.store import officer_decisions
from services.verifier.store.officer_decisions import open_persons
from tests.integration.verifier.conftest import holding
from tests.integration.verifier.office import MINISTRY, Office
from tests.integration.verifier.work import BINH, CHAU, FIRST, SECOND, TAM, recorded_dose
from tests.support.odd_registry import OddRegistry, client_of
from tests.support.postgres import PostgresServer
from tests.support.tokens import TestIssuer

PEOPLE = (TAM, BINH, CHAU)
NUMBERS = {person.personal_id: person.personal_id for person in PEOPLE} | {
    "068180000091": TAM.personal_id,
    "068081000092": BINH.personal_id,
}
"""Every number that a person ever has here, and whose it is."""
NEW_NUMBERS = {TAM: "068180000091", BINH: "068081000092"}
SLIPS: dict[str, dict[str, Any]] = {
    "as registered": {},
    "without accents": {"full_name": None},
    "no number": {"personal_id": ""},
    "unknown": {"personal_id": "", "full_name": "Quách Tĩnh", "date_of_birth": "1950-02-03"},
    "another name": {"full_name": "Quách Tĩnh", "date_of_birth": "1950-02-03"},
    "the new number": {"personal_id": None},
}
_ids = count(1)

corrections = st.tuples(
    st.just("correct"), st.sampled_from(PEOPLE), st.sampled_from(sorted(SLIPS)), st.booleans()
)
decisions_made = st.tuples(
    st.just("decide"),
    st.sampled_from(("confirm", "reject", "papers")),
    st.sampled_from(PEOPLE),
    st.sampled_from((FIRST, SECOND)),
)
both = st.tuples(st.just("both"), st.sampled_from(PEOPLE))
undos = st.tuples(st.just("undo"), st.sampled_from((FIRST, SECOND, MINISTRY)))
registry_changes = st.tuples(
    st.just("registry"),
    st.sampled_from(PEOPLE),
    st.sampled_from(("renumber", "rename", "die", "restore")),
)
rechecks = st.tuples(st.just("recheck"))
doubts = st.tuples(st.just("doubt"))
_UNDO, _RECHECK = ("undo", FIRST), ("recheck",)
STEPS = st.one_of(
    corrections, corrections, decisions_made, both, both, undos, registry_changes, rechecks, doubts
)


def _corrects(person: Any, slip: str = "as registered") -> tuple[Any, ...]:
    return "correct", person, slip, False


def _confirms(person: Any) -> tuple[Any, ...]:
    return "decide", "confirm", person, FIRST


class Life:
    """One dose through a sequence of steps, and what must hold after each."""

    def __init__(self, office: Office, registry: OddRegistry) -> None:
        self.office, self.registry, self.dose_id = office, registry, next(_ids)
        self.first: str | None = None
        self.taken_back = False
        self.entries: dict[str, dict[str, Any]] = {
            person.personal_id: person._asdict() | {"old_ids": []} for person in PEOPLE
        }
        self._tell_registry()

    def _tell_registry(self) -> None:
        self.registry.people = list(self.entries.values())

    def _typed(self, person: Any, slip: str) -> dict[str, Any]:
        typed = dict(SLIPS[slip])
        if slip == "without accents":
            typed["full_name"] = {
                TAM: "Nguyen Thi Tam",
                BINH: "Tran Quoc Binh",
                CHAU: "Pham Minh Chau",
            }[person]
        if slip == "the new number":
            typed["personal_id"] = NEW_NUMBERS.get(person, person.personal_id)
        return typed

    async def step(self, what: str, *how: Any) -> None:
        before = (
            self.office.certified[self.dose_id].number
            if self.dose_id in self.office.certified
            else None
        )
        told: list[VerifiedDose] = []
        if what == "correct":
            person, slip, doubted = how
            dose = recorded_dose(person, self.dose_id, **self._typed(person, slip))
            dose.doubts = ("SECOND_HAND",) if doubted else ()
            same = (
                self.dose_id in self.office.current
                and self.office.current[self.dose_id].person == dose.person
            )
            told = [await self._corrected(dose)]
            self._is_still_certified(before, told[0], same or doubted)
            self.taken_back = False
        elif what == "doubt" and self.dose_id in self.office.current:
            dose = recorded_dose(TAM, self.dose_id)
            dose.person = self.office.current[self.dose_id].person
            dose.doubts = ("PATIENT_DECEASED",)
            told = [await self.office.corrected(self.dose_id, dose)]
        elif what == "decide":
            decision, person, officer = how
            named = {"personal_id": self._number_of(person)} if decision == "confirm" else {}
            answer = await self.office.decides(
                self.dose_id, decision, officer, reason="because", **named
            )
            self.taken_back = self.taken_back or (
                decision == "reject" and answer.status_code == 200
            )
        elif what == "both":
            for officer in (FIRST, SECOND):
                named = {"personal_id": self._number_of(how[0])}
                await self.office.decides(
                    self.dose_id, "confirm", officer, reason="because", **named
                )
            told = await self.office.recheck()
        elif what == "undo":
            answer = await self.office.undoes(self.dose_id, how[0])
            self.taken_back = self.taken_back or answer.status_code == 200
        elif what == "registry":
            self._change(*how)
            # the feed would ask for it
            if self.dose_id in self.office.current:
                told = [
                    await self.office.corrected(self.dose_id, self.office.current[self.dose_id])
                ]
                self.taken_back = False
        elif what == "recheck":
            told = await self.office.recheck()
            if told:
                self.taken_back = False
        for one in told:
            await self._is_lawful(one)

    async def _corrected(self, dose: Any) -> VerifiedDose:
        if self.dose_id in self.office.current:
            return await self.office.corrected(self.dose_id, dose)
        [told] = await self.office.judge(dose)
        return told

    def _number_of(self, person: Any) -> str:
        return str(self.entries[person.personal_id]["personal_id"])

    def _change(self, person: Any, how: str) -> None:
        entry = self.entries[person.personal_id]
        if how == "renumber" and person in NEW_NUMBERS:
            entry |= {"personal_id": NEW_NUMBERS[person], "old_ids": [person.personal_id]}
        elif how == "rename":
            entry["full_name"] = "Lý Thị Mới"
        elif how == "die":
            entry["status"] = "died"
        else:
            self.entries[person.personal_id] = person._asdict() | {"old_ids": []}
        self._tell_registry()

    async def _is_lawful(self, dose: VerifiedDose) -> None:
        if dose.person is None:
            return
        person = NUMBERS[dose.person.personal_id]
        self.first = self.first or person
        if person == self.first:
            return
        context = self.office.context
        async with context.db.begin() as tx:
            rows = await officer_decisions.in_force(tx, [DoseId(self.dose_id)])
        by_two = [
            row
            for row in rows
            if row.kind == "confirm" and row.approved_by not in (None, row.decided_by)
        ]
        assert person in [
            NUMBERS[number] for row in by_two for number in open_persons(context.sealer, row)
        ]

    def _is_still_certified(self, before: str | None, told: VerifiedDose, lawful: bool) -> None:
        """`lawful`: the same person as typed, or a new doubt: then it may fail as ever."""
        if before is None or lawful or self.taken_back:
            return
        now = self.office.certified[self.dose_id].number
        assert now is not None
        if told.person is None:
            assert now == before


@pytest.fixture
async def office(
    postgres: PostgresServer, tmp_path: Path
) -> AsyncIterator[tuple[Office, OddRegistry]]:
    """Over a registry that a test changes as it likes."""
    registry = OddRegistry([])
    async with client_of(registry) as client, holding(postgres, client) as context:
        yield Office(context, TestIssuer(tmp_path / "issuer")), registry


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
@given(start=corrections, steps=st.lists(STEPS, min_size=4, max_size=14))
@example(start=_corrects(TAM), steps=[_corrects(TAM, "unknown"), _corrects(BINH), _corrects(CHAU)])
@example(
    start=_corrects(TAM),
    steps=[_corrects(BINH), ("both", BINH), _corrects(BINH, "without accents"), _UNDO, _RECHECK],
)
@example(
    start=_corrects(TAM),
    steps=[
        _corrects(BINH),
        ("both", BINH),
        _corrects(TAM),
        ("both", TAM),
        _UNDO,
        _RECHECK,
        _UNDO,
        _RECHECK,
    ],
)
@example(
    start=_corrects(TAM),
    steps=[
        _corrects(BINH),
        _confirms(BINH),
        _confirms(BINH),
        _RECHECK,
        _UNDO,
        _confirms(BINH),
        _RECHECK,
    ],
)
@example(
    start=("correct", BINH, "as registered", True),
    steps=[
        _confirms(BINH),
        _corrects(TAM),
        ("correct", BINH, "as registered", True),
        ("both", CHAU),
    ],
)
@example(
    start=_corrects(TAM),
    steps=[
        ("registry", TAM, "renumber"),
        _corrects(BINH, "the new number"),
        _corrects(TAM, "the new number"),
        _corrects(TAM, "unknown"),
    ],
)
async def test_nobody_gets_another_persons_dose_unseen_and_no_correction_ends_a_certificate(
    office: tuple[Office, OddRegistry], start: Any, steps: list[Any]
) -> None:
    life = Life(*office)
    for step in (start, *steps):
        note(str((step[0], *(getattr(one, "full_name", one) for one in step[1:]))))
        await life.step(*step)
