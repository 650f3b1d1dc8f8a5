"""What people accept at a desk takes effect by the officers' own casework, and lets nobody through
who was not to be let through.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.acceptance import Proof
from contracts.events import AcceptedSuggestion, ShownCard
from deploy.sample.population import Registered
from tests.integration.verifier.conftest import holding
from tests.integration.verifier.office import Office
from tests.integration.verifier.work import (
    BINH,
    EVERYBODY,
    FIRST,
    NGOC,
    SECOND,
    TAM,
    recorded_dose,
)
from tests.support.postgres import PostgresServer
from tests.support.registry import registry
from tests.support.tokens import TestIssuer

STATION = "station-24769"
AT = datetime(2022, 4, 1, 9, 0, tzinfo=UTC)
TWIN = TAM._replace(personal_id="068180000031", full_name="Nguyễn Thị Tám")


@asynccontextmanager
async def opened(
    postgres: PostgresServer, folder: Path, people: Any = EVERYBODY
) -> AsyncIterator[tuple[Office, httpx.AsyncClient]]:
    async with registry(folder, people) as client, holding(postgres, client) as context:
        yield Office(context, TestIssuer(folder)), client


@pytest.fixture
async def office(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Office]:
    """The verifier over a registry of its own."""
    async with opened(postgres, tmp_path) as (office, client):
        office.registry = client  # type: ignore[attr-defined]
        yield office


def card_of(person: Registered, **otherwise: str) -> ShownCard:
    return replace(
        ShownCard(person.personal_id, person.full_name, person.date_of_birth), **otherwise
    )


def accepted(dose_id: int, person: Registered, **otherwise: Any) -> AcceptedSuggestion:
    """A station that accepts by the person's own card, but for `otherwise`."""
    of = AcceptedSuggestion(
        dose_id, 1, person.personal_id, Proof.CARD, "station", STATION, AT, card_of(person)
    )
    return replace(of, **otherwise)


async def missing(office: Office, person: Registered, dose_id: int = 1, **typed: Any) -> Any:
    """A dose of somebody without a number, as the verifier tells of it."""
    [told] = await office.judge(recorded_dose(person, dose_id, **{"personal_id": "", **typed}))
    return told


async def test_by_the_persons_card_the_dose_passes_as_that_persons(office: Office) -> None:
    told = await missing(office, TAM)
    assert [one.personal_id for one in told.suggestions] == [TAM.personal_id]
    await office.accepts(accepted(1, TAM))
    [passed] = await office.recheck()
    assert passed.person is not None
    assert (passed.grade, passed.person.personal_id) == ("repaired", TAM.personal_id)
    assert passed.suggestions == ()


@pytest.mark.parametrize(
    "otherwise",
    [
        {"card": card_of(TAM, full_name="Nguyễn Thị Tâm Anh")},
        {"card": card_of(TAM, date_of_birth="1980-05-04")},
        {"card": card_of(BINH)},
        {"card": None},
        {"personal_id": BINH.personal_id, "card": card_of(BINH)},
        {"proof": Proof.SIGHT, "card": None},
        {"role": "province"},
        {"role": "citizen"},
        {"role": "facility", "proof": Proof.SIGHT, "card": None},
        {"version": 2},
    ],
    ids=[
        "another name",
        "another birth date",
        "another number",
        "no card",
        "somebody who was not suggested",
        "a station by sight of what is not certain",
        "a province",
        "a citizen",
        "a facility by sight",
        "another version",
    ],
)
async def test_nothing_passes_by(office: Office, otherwise: dict[str, Any]) -> None:
    await missing(office, TAM, date_of_birth="1980-05-13")
    await office.accepts(accepted(1, TAM, **otherwise))
    assert all(told.person is None for told in await office.recheck())
    assert office.certified[1].number is None


async def test_who_died_since_is_not_certified_and_suggested_no_more(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    async with opened(postgres, tmp_path) as (office, client):
        await missing(office, TAM)
        await _change(client, "died", TAM)
        await office.accepts(accepted(1, TAM))
        [again] = await office.recheck()
        assert (again.person, again.suggestions) == (None, ())


async def test_who_changed_since_comes_back_to_people_as_now_registered(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    async with opened(postgres, tmp_path) as (office, client):
        await missing(office, TAM)
        await _change(client, "corrected", TAM, commune_code="24775")
        await office.accepts(accepted(1, TAM))
        [again] = await office.recheck()
        assert again.person is None
        assert "SAME_COMMUNE" not in again.suggestions[0].evidence


async def test_a_change_of_somebody_elses_number_takes_the_police_besides(
    office: Office,
) -> None:
    # typed with the number of another registered person
    [told] = await office.judge(recorded_dose(TAM, 1, personal_id=BINH.personal_id))
    assert told.suggestions[0].number_change == "changed"
    await office.accepts(accepted(1, TAM))
    assert await office.recheck() == []
    assert await office.state(1) == "awaiting_second"
    # another desk is no second officer
    await office.accepts(accepted(1, TAM, accepted_by="another station"))
    assert await office.recheck() == []
    await office.decides(1, "confirm", SECOND, personal_id=TAM.personal_id)
    [passed] = await office.recheck()
    assert passed.person is not None
    assert passed.person.personal_id == TAM.personal_id


async def test_a_competitor_is_not_certified_in_the_place_of_who_was_accepted(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    async with opened(postgres, tmp_path, (*EVERYBODY, TWIN)) as (office, _):
        told = await missing(office, TAM, full_name="NGUYEN THI TAM")
        assert len(told.suggestions) == 2
        # by sight alone nobody's
        police = {"role": "police", "accepted_by": FIRST, "proof": Proof.SIGHT, "card": None}
        await office.accepts(accepted(1, TAM, **police))
        assert await office.recheck() == []
        # the card of the one says nothing for the other
        await office.accepts(accepted(1, TAM, card=card_of(TWIN)))
        assert all(one.person is None for one in await office.recheck())


async def test_police_by_sight_are_two_where_a_number_is_given(office: Office) -> None:
    await missing(office, TAM)
    police = {"role": "police", "proof": Proof.SIGHT, "card": None}
    await office.accepts(accepted(1, TAM, accepted_by=FIRST, **police))
    await office.accepts(accepted(1, TAM, accepted_by=FIRST, **police))
    assert await office.recheck() == []
    await office.accepts(accepted(1, TAM, accepted_by=SECOND, **police))
    [passed] = await office.recheck()
    assert passed.person is not None


async def test_a_guardians_card_vouches_for_a_child_of_the_same_commune(office: Office) -> None:
    await missing(office, NGOC)
    by_guardian = {"proof": Proof.GUARDIAN, "card": card_of(TAM)}
    await office.accepts(accepted(1, NGOC, **by_guardian))
    [passed] = await office.recheck()
    assert passed.person is not None
    assert passed.person.personal_id == NGOC.personal_id


async def test_a_guardians_card_vouches_for_no_grown_up_and_a_childs_for_nobody(
    office: Office,
) -> None:
    await missing(office, BINH)
    await office.accepts(accepted(1, BINH, proof=Proof.GUARDIAN, card=card_of(TAM)))
    await missing(office, NGOC, 2)
    await office.accepts(accepted(2, NGOC, proof=Proof.GUARDIAN, card=card_of(NGOC)))
    await office.accepts(accepted(2, NGOC, proof=Proof.GUARDIAN, card=ShownCard(TAM.personal_id)))
    assert all(told.person is None for told in await office.recheck())


async def test_what_was_taken_back_passes_no_more(office: Office) -> None:
    await missing(office, TAM)
    await office.accepts(accepted(1, TAM))
    [passed] = await office.recheck()
    assert passed.person is not None
    await office.accepts(accepted(1, TAM, act="undo", at=AT + timedelta(seconds=9)))
    [again] = await office.recheck()
    assert again.person is None
    assert [one.personal_id for one in again.suggestions] == [TAM.personal_id]


async def test_a_taking_back_that_comes_first_keeps_the_acceptance_from_holding(
    office: Office,
) -> None:
    await missing(office, TAM)
    await office.accepts(accepted(1, TAM, act="undo", at=AT + timedelta(seconds=9)))
    await office.accepts(accepted(1, TAM))
    assert await office.recheck() == []
    await office.accepts(accepted(1, TAM, at=AT + timedelta(seconds=20)))
    [passed] = await office.recheck()
    assert passed.person is not None


async def test_the_same_event_twice_decides_once(office: Office) -> None:
    await missing(office, TAM)
    await office.accepts(accepted(1, TAM))
    await office.accepts(accepted(1, TAM))
    assert len(await office.recheck()) == 1


async def _change(client: httpx.AsyncClient, kind: str, person: Registered, **new: Any) -> None:
    order = {"kind": kind, "personal_id": person.personal_id, **new}
    answer = await client.post("/registry/v1/control", json={"changes": [order]})
    assert answer.status_code == 200, answer.text
