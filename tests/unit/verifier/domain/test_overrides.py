"""What people decided, and what it makes of the machine's decision."""

from dataclasses import replace

import pytest

from contracts.events import Person
from contracts.registry import Person as Registered
from contracts.words import ELIGIBLE_GRADES, Grade
from services.verifier.casework import asks_people
from services.verifier.domain.candidate_ranking import RankedCandidate
from services.verifier.domain.deaths import DIED
from services.verifier.domain.decision import MatchDecision, registry_data
from services.verifier.domain.overrides import Override, apply_override

TYPED = Person(full_name="Lê Văn Tam", date_of_birth="1990-01-02", date_precision="day", sex="male")
TAM = Registered(
    personal_id="068090000001", full_name="Lê Văn Tám", date_of_birth="1990-01-02", sex="male"
)
TAI = Registered(
    personal_id="068090000002", full_name="Lê Văn Tài", date_of_birth="1990-01-02", sex="male"
)
KNOWN = {one.personal_id: [one] for one in (TAM, TAI)}
MISSING = MatchDecision(
    Grade.MISSING_ID, (), None, (RankedCandidate(TAM, 0.7, ()), RankedCandidate(TAI, 0.3, ()))
)


def _passed(person: Registered, grade: Grade) -> MatchDecision:
    return MatchDecision(grade, (), registry_data(person))


def test_a_confirmed_person_goes_on_with_the_registrys_data_and_what_differs() -> None:
    found = apply_override(TYPED, MISSING, Override(confirmed=TAM.personal_id), KNOWN)
    assert found.grade is Grade.REPAIRED
    assert found.person is not None
    assert found.person.full_name == "Lê Văn Tám"
    assert [one.name for one in found.attributes] == ["personal_id", "full_name"]


def test_a_confirmed_person_who_has_died_is_for_people_again() -> None:
    dead = replace(TAM, status="died")
    found = apply_override(
        TYPED, MISSING, Override(confirmed=TAM.personal_id), {TAM.personal_id: [dead]}
    )
    assert (found.grade, found.person) == (Grade.REVIEW, None)


def test_a_confirmed_person_is_followed_to_a_new_number() -> None:
    moved = replace(TAM, personal_id="068090000003", old_ids=(TAM.personal_id,))
    found = apply_override(
        TYPED, MISSING, Override(confirmed=TAM.personal_id), {TAM.personal_id: [moved]}
    )
    assert found.person is not None
    assert found.person.personal_id == "068090000003"


def test_a_confirmed_number_that_is_nobodys_leaves_it_to_the_machine() -> None:
    assert apply_override(TYPED, MISSING, Override(confirmed="068090000009"), KNOWN) is MISSING


def test_a_confirmation_wins_over_a_machine_that_takes_somebody_else() -> None:
    found = apply_override(
        TYPED, _passed(TAI, Grade.EQUIVALENT), Override(confirmed=TAM.personal_id), KNOWN
    )
    assert found.person is not None
    assert found.person.personal_id == TAM.personal_id


def test_a_rejected_person_stays_rejected_under_a_new_number() -> None:
    moved = replace(TAM, personal_id="068090000003", old_ids=(TAM.personal_id,))
    rejected = Override(rejected=frozenset({TAM.personal_id}))
    assert (
        apply_override(
            TYPED, _passed(moved, Grade.REPAIRED), rejected, {TAM.personal_id: [moved]}
        ).grade
        is Grade.MISMATCH
    )


def test_a_rejection_where_nobody_alive_can_be_meant_sends_the_dose_back() -> None:
    died = MatchDecision(Grade.REVIEW, (DIED,), None)
    found = apply_override(TYPED, died, Override(as_typed=False), KNOWN)
    assert (found.grade, found.person) == (Grade.MISMATCH, None)
    assert not asks_people(found)
    # whom the registry suggests since is for people
    asked = replace(died, suggestions=MISSING.suggestions)
    assert apply_override(TYPED, asked, Override(as_typed=False), KNOWN).grade is Grade.REVIEW


@pytest.mark.parametrize("grade", sorted(Grade))
@pytest.mark.parametrize(
    "rejected", [{TAM.personal_id}, {TAI.personal_id}, {TAM.personal_id, TAI.personal_id}]
)
def test_a_rejection_lets_nobody_through_and_suggests_nobody_rejected(
    grade: Grade, rejected: set[str]
) -> None:
    eligible = grade in ELIGIBLE_GRADES
    decision = (
        _passed(TAM, grade) if eligible else MatchDecision(grade, (), None, MISSING.suggestions)
    )
    found = apply_override(TYPED, decision, Override(rejected=frozenset(rejected)), KNOWN)
    assert found.person is None or found.person.personal_id not in rejected
    assert (found.grade in ELIGIBLE_GRADES) == (eligible and TAM.personal_id not in rejected)
    assert not rejected & {one.person.personal_id for one in found.suggestions}
    assert found.grade is not Grade.REVIEW or found.suggestions
