"""Records learns how each case stands, in the transaction that changes it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.acceptance import Proof
from contracts.access import Role
from contracts.events import AcceptedSuggestion, CasesChanged, ShownCard
from services.verifier.context import Context
from tests.integration.verifier.office import Office
from tests.integration.verifier.work import BINH, FIRST, SECOND, TAM, recorded_dose
from tests.support.tokens import TestIssuer

CLERK, COMMUNE = "station-clerk", ("6868124769",)
AT = datetime(2022, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def office(context: Context, tmp_path: Path) -> Office:
    """Officers of an empty verifier."""
    return Office(context, TestIssuer(tmp_path))


def _short(news: list[CasesChanged]) -> list[tuple[Any, ...]]:
    return [
        (case.dose_id, case.version, case.step, case.act, case.state, case.waiting_for)
        for event in news
        for case in event.cases
    ]


async def _says(office: Office, kind: str, role: Role) -> None:
    officer = FIRST if role is Role.POLICE else CLERK
    said = await office.asks(
        "POST", "/cases/1/thread", officer, role, COMMUNE, json={"kind": kind, "text": "Phạm Bình"}
    )
    assert said.status_code == 200, said.text


async def _accepts(office: Office, **otherwise: Any) -> None:
    card = ShownCard(TAM.personal_id, TAM.full_name, TAM.date_of_birth)
    of: dict[str, Any] = {"proof": Proof.CARD, "role": "station", "card": card, "at": AT}
    of |= {"accepted_by": CLERK, **otherwise}
    await office.accepts(AcceptedSuggestion(1, 1, TAM.personal_id, **of))


async def test_a_case_is_told_open_with_its_dose_and_costs_no_message_of_its_own(
    office: Office,
) -> None:
    told = await office.judge(
        recorded_dose(TAM, 1, personal_id=""),
        recorded_dose(BINH, 2),
        recorded_dose(TAM, 3, full_name="Hồ Vắng Mặt", date_of_birth="1951-01-30",
                      personal_id="068151999999"),
    )  # fmt: skip
    assert [dose.case for dose in told] == ["open", None, None]
    assert await office.news() == []


async def test_what_station_and_police_say_is_told_step_by_step_without_its_words(
    office: Office,
) -> None:
    await office.judge(recorded_dose(TAM, 1, personal_id=""))
    for kind, role in (
        ("papers_asked", Role.POLICE),
        ("note", Role.STATION),
        ("answered", Role.STATION),
        ("sent_back", Role.POLICE),
    ):
        await _says(office, kind, role)
    news = await office.news()
    assert _short(news) == [
        (1, 1, 1, "papers_asked", "asked_for_papers", "station"),
        (1, 1, 2, "answered", "open", "police"),
        (1, 1, 3, "sent_back", "asked_for_papers", "station"),
    ]
    for event in news:
        written = event.model_dump_json()
        assert not any(said in written for said in ("Bình", TAM.personal_id, FIRST, CLERK))


async def test_two_officers_decide_and_each_step_is_told(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1, personal_id=""))
    for officer in (FIRST, SECOND):
        await office.decides(1, "confirm", officer, personal_id=TAM.personal_id)
    await office.undoes(1)
    assert _short(await office.news()) == [
        (1, 1, 1, "first_confirmed", "awaiting_second", "second_officer"),
        (1, 1, 2, "decided", "decided", None),
        (1, 1, 3, "undone", "open", "police"),
    ]


async def test_an_acceptance_is_told_as_the_decision_that_it_became(office: Office) -> None:
    await office.judge(recorded_dose(TAM, 1, personal_id=""))
    await _accepts(office)
    [event] = await office.news()
    assert (_short([event]), event.refused) == ([(1, 1, 1, "decided", "decided", None)], [])
    # it comes again after it took effect
    await _accepts(office)
    assert await office.news() == []


@pytest.mark.parametrize(
    ("otherwise", "code"),
    [
        ({"card": ShownCard(TAM.personal_id, "Nguyễn Thị Khác", "1980-05-03")},
         "CARD_NOT_REGISTERED"),
        ({"proof": Proof.GUARDIAN}, "GUARDIAN_NOT_PROVED"),
        ({"role": "facility", "proof": Proof.SIGHT, "card": None}, "NOT_ALLOWED"),
    ],
)  # fmt: skip
async def test_who_accepted_is_told_why_it_did_not_hold(
    office: Office, otherwise: dict[str, Any], code: str
) -> None:
    await office.judge(recorded_dose(TAM, 1, personal_id=""))
    await _accepts(office, **otherwise)
    [event] = await office.news()
    assert [(one.dose_id, one.version, one.at, one.code) for one in event.refused] == [
        (1, 1, AT, code)
    ]
    assert [dose.version for dose in await office.recheck()] == [2]


async def test_an_acceptance_that_comes_after_a_decision_or_a_correction_is_told_so(
    office: Office,
) -> None:
    dose = recorded_dose(TAM, 1, personal_id="")
    await office.judge(dose)
    await office.decides(1, "reject")
    await office.news()
    await _accepts(office)
    await office.recheck()
    await _accepts(office)
    codes = [one.code for event in await office.news() for one in event.refused]
    assert codes == ["OVERTAKEN", "OVERTAKEN"]


async def test_a_page_of_rows_is_told_in_one_message(office: Office) -> None:
    people = [(TAM, 1), (BINH, 2)]
    await office.judge(*(recorded_dose(one, at, personal_id="") for one, at in people))
    await _accepts(office, proof=Proof.SIGHT, card=None, role="police", accepted_by=FIRST)
    await office.news()
    card = ShownCard(BINH.personal_id, BINH.full_name, BINH.date_of_birth)
    by_card: Any = (Proof.CARD, "station", CLERK, AT, card)
    await office.accepts(
        AcceptedSuggestion(1, 1, TAM.personal_id, Proof.SIGHT, "police", SECOND, AT),
        AcceptedSuggestion(2, 1, BINH.personal_id, *by_card),
    )
    [event] = await office.news()
    assert _short([event]) == [
        (1, 1, 2, "decided", "decided", None),
        (2, 1, 1, "decided", "decided", None),
    ]
