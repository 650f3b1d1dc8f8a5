"""Who is the same person as before: the registry's changes make nobody another person, and a number
that changed hands does.
"""

from collections.abc import AsyncIterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from contracts.words import Doubt
from deploy.sample.population import Registered
from tests.integration.verifier.conftest import holding
from tests.integration.verifier.office import Office
from tests.integration.verifier.work import BINH, CHAU, TAM, recorded_dose
from tests.support.odd_registry import OddRegistry, client_of
from tests.support.postgres import PostgresServer
from tests.support.tokens import TestIssuer

CHANGED = Doubt.PERSON_CHANGED.value
NEW = "068180000099"
CMND = "250123456"


def entry(person: Registered, **new: Any) -> dict[str, Any]:
    return person._asdict() | {"old_ids": []} | new


RENUMBERED = {"personal_id": NEW, "old_ids": [TAM.personal_id]}


@pytest.fixture
def people() -> OddRegistry:
    """Tâm and Bình, until a test changes them."""
    return OddRegistry([entry(TAM), entry(BINH)])


@pytest.fixture
async def office(
    postgres: PostgresServer, people: OddRegistry, tmp_path: Path
) -> AsyncIterator[Office]:
    """Over that registry."""
    async with client_of(people) as client, holding(postgres, client) as context:
        yield Office(context, TestIssuer(tmp_path / "issuer"))


SAME: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "renumbered, the old number typed": ([entry(TAM, **RENUMBERED)], {}),
    "renumbered, the new number typed": ([entry(TAM, **RENUMBERED)], {"personal_id": NEW}),
    "renumbered and renamed, the new number typed": (
        [entry(TAM, **RENUMBERED, full_name="Nguyễn Thị Tám")],
        {"personal_id": NEW, "full_name": "Nguyễn Thị Tám"},
    ),
    "renumbered and renamed, the old number typed": (
        [entry(TAM, **RENUMBERED, full_name="Nguyễn Thị Tám")],
        {"full_name": "Nguyễn Thị Tám"},
    ),
    "renumbered since another one who has no certificate took the number over": (
        [entry(TAM, **RENUMBERED), entry(CHAU, personal_id=TAM.personal_id)],
        {"personal_id": NEW},
    ),
    "renamed": ([entry(TAM, full_name="Nguyễn Thị Tám")], {"full_name": "Nguyễn Thị Tám"}),
    "moved": ([entry(TAM, commune_code="24775")], {}),
}


async def test_the_same_person_is_nobodys_case(office: Office, people: OddRegistry) -> None:
    for n, (name, (after, typed)) in enumerate(SAME.items()):
        people.people = [entry(TAM), entry(BINH)]
        await office.judge(recorded_dose(TAM, n))
        people.people = after
        told = await office.corrected(n, recorded_dose(TAM, n, **typed))
        assert (told.person is not None, told.doubts) == (True, ()), name


ANOTHER = {
    "who has the number now that the first person had": (
        [entry(TAM, **RENUMBERED), entry(CHAU, personal_id=TAM.personal_id)],
        recorded_dose(CHAU, 1, personal_id=TAM.personal_id),
    ),
    "who has the number now, and the first person is gone": (
        [
            entry(CHAU, personal_id=NEW, old_ids=[TAM.personal_id]),
            entry(BINH, personal_id=TAM.personal_id),
        ],
        recorded_dose(CHAU, 1, personal_id=NEW),
    ),
    "who once had a number in common": (
        [entry(TAM, old_ids=[CMND]), entry(BINH, old_ids=[CMND])],
        recorded_dose(BINH, 1, personal_id=BINH.personal_id),
    ),
    "a namesake of the same birth date": (
        [entry(TAM), entry(TAM, personal_id=NEW)],
        recorded_dose(TAM, 1, personal_id=NEW),
    ),
}


async def test_another_person_waits_for_two_officers(office: Office, people: OddRegistry) -> None:
    for n, (name, (after, dose)) in enumerate(ANOTHER.items()):
        people.people = [entry(TAM), entry(BINH)]
        await office.judge(recorded_dose(TAM, n))
        people.people = after
        told = await office.corrected(n, dose)
        assert (told.person, told.doubts) == (None, (CHANGED,)), name
        assert office.certified[n].number == TAM.personal_id, name


async def test_the_number_of_somebody_unreadable_is_in_doubt_anothers(
    office: Office, people: OddRegistry
) -> None:
    await office.judge(recorded_dose(TAM, 1))
    people.people = [
        entry(TAM, **RENUMBERED, full_name="Nguyễn Thị Tám"),
        entry(CHAU, personal_id=TAM.personal_id, sex=None),
    ]
    told = await office.corrected(
        1, recorded_dose(TAM, 1, personal_id=NEW, full_name="Nguyễn Thị Tám")
    )
    assert told.doubts == (CHANGED,)


FIRST_TYPED: dict[str, dict[str, Any]] = {
    "exact": {},
    "equivalent": {"full_name": "NGUYỄN THỊ TÂM"},
    "repaired": {"full_name": "NGUYEN THI TAM"},
}
FATE: dict[str, dict[str, Any] | None] = {
    "died": {"status": "died"},
    "another name": {"full_name": "Nguyễn Thị Bưởi", "date_of_birth": "1971-09-30"},
    "gone": None,
}


async def _kept(office: Office, dose_ids: Sequence[int], how: str) -> None:
    """What is known of the versions that were let through: the evidence forgotten with time, or a
    later version of the same.
    """
    if how == "evidence forgotten":
        async with office.context.db.begin() as tx:
            await tx.raw.execute("UPDATE verification SET evidence = NULL")
    elif how == "of a later version":
        for dose_id in dose_ids:
            await office.corrected(dose_id, office.current[dose_id])


KEPT = ("as it is", "evidence forgotten", "of a later version")


@pytest.mark.parametrize("kept", KEPT)
async def test_what_the_registry_changed_ends_the_certificate_as_ever(
    office: Office, people: OddRegistry, kept: str
) -> None:
    doses = {(grade, fate): n for n, (grade, fate) in enumerate(product(FIRST_TYPED, FATE), 1)}
    people.people = [entry(TAM)]
    await office.judge(
        *(recorded_dose(TAM, n, **FIRST_TYPED[grade]) for (grade, _), n in doses.items())
    )
    assert [office.told[n].grade for n in doses.values()] == [grade for grade, _ in doses]
    await _kept(office, list(doses.values()), kept)
    for case, n in doses.items():
        new = FATE[case[1]]
        people.people = [entry(TAM, **new)] if new is not None else []
        told = await office.corrected(n, office.current[n])
        assert (told.person, told.doubts) == (None, ()), case
        assert office.certified[n].number is None, case


OTHERWISE: tuple[dict[str, Any], ...] = (
    {"full_name": "Nguyễn Thị Bưởi", "date_of_birth": "1971-09-30"},
    {"full_name": "Quách Tĩnh"},
    {"date_of_birth": "1950-09-30"},
    {"personal_id": ""},
    {"personal_id": "068180999999"},
    {"personal_id": "0681800000", "full_name": "Quách Tĩnh"},
    {"sex": "male", "date_of_birth": "1950-09-30"},
)


@pytest.mark.parametrize("kept", KEPT)
async def test_who_is_typed_as_somebody_unknown_ends_no_certificate(
    office: Office, people: OddRegistry, kept: str
) -> None:
    people.people = [entry(TAM)]
    doses = dict(enumerate(product(FIRST_TYPED, OTHERWISE), 1))
    await office.judge(
        *(recorded_dose(TAM, n, **FIRST_TYPED[grade]) for n, (grade, _) in doses.items())
    )
    await _kept(office, list(doses), kept)
    for n, (grade, other) in doses.items():
        told = await office.corrected(n, recorded_dose(TAM, n, **FIRST_TYPED[grade] | other))
        assert (told.person, told.doubts) == (None, (CHANGED,)), (grade, other)
        assert office.certified[n].number == TAM.personal_id
