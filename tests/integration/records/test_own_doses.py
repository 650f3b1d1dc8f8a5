"""`/me/doses`: a citizen sees the own doses and where each stands, and nobody else's."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from contracts.acceptance import NumberChange
from contracts.access import Role
from contracts.certain_kinds import CertainKind
from contracts.events import (
    AttributeResult,
    DosesVerified,
    RegistryPerson,
    SuggestedPerson,
    VerifiedDose,
)
from contracts.reasons import ADVICE
from contracts.refusals import RefusalCode
from contracts.topics import VERIFIED
from contracts.words import Grade, Reason, Result
from services.chassis.bus import Event
from services.records.domain.dose import Raw
from services.records.histories.rules import Spacing
from services.records.histories.service import search_queued
from services.records.own_doses.service import doses_of_person, identity_in_token, standing
from services.records.pipeline.consumer import subscriptions
from services.records.schema import dose
from tests.integration.records.conftest import Records
from tests.support.files import typed as typed_row

MINE = "068190000001"
HOME = {"province_code": "68", "district_code": "672", "commune_code": "24769"}


def raw(**fields: str) -> Raw:
    """A good row, but for these fields."""
    return typed_row(1, **fields)


async def told(
    records: Records,
    judgements: Mapping[str, tuple[Grade, Sequence[Reason]]],
    person: str = MINE,
    suggested: SuggestedPerson | None = None,
) -> None:
    """What the verifier tells of doses by their source ids: of eligible ones whose they are, of
    others who is `suggested`.
    """
    async with records.context.db.begin() as tx:
        rows = await tx.execute(select(dose.c.id, dose.c.version, dose.c.source_id))
        doses = []
        for row in rows:
            if row.source_id not in judgements:
                continue
            grade, reasons = judgements[row.source_id]
            eligible = grade in (Grade.EXACT, Grade.EQUIVALENT, Grade.REPAIRED)
            doses.append(
                VerifiedDose(
                    dose_id=row.id,
                    version=row.version,
                    grade=grade,
                    attributes=tuple(
                        AttributeResult(ADVICE[one].field, Result.MISMATCH, one)  # type: ignore[arg-type]
                        for one in reasons
                    ),
                    person=RegistryPerson("", "", person) if eligible else None,
                    suggestions=() if eligible or suggested is None else (suggested,),
                )
            )
        assert len(doses) == len(judgements)
        event = DosesVerified(batch_id=1, algorithm="test", doses=doses)
        handler = next(
            one.handler for one in subscriptions(records.context) if one.topic == VERIFIED.name
        )
        value = event.model_dump_json().encode()
        name = VERIFIED.name
        await handler(
            tx, [Event(uuid4().hex, name, name, "verifier", "1", datetime.now(UTC), value)]
        )
    context = records.context
    while await search_queued(context.db, context.sealer, context.metrics, Spacing(28, 90)):
        pass


async def mine(records: Records, personal_id: str | None = MINE) -> Any:
    """What the citizen is answered."""
    return await records.caller(Role.CITIZEN, personal_id=personal_id).get("/me/doses")


async def test_each_dose_says_where_it_stands_and_who_holds_it(records: Records) -> None:
    booster = {"dose_kind": "Nhắc lại", "personal_id": MINE, **HOME}
    await records.record(
        [
            raw(source_id="1", personal_id=MINE, date_given="01/06/2021", dose_number="1", **HOME),
            raw(source_id="2", personal_id=MINE, date_given="01/08/2021", dose_number="2", **HOME),
            raw(**{"source_id": "3", "date_given": "01/01/2022", "dose_number": "3", **booster}),
            raw(**{"source_id": "4", "date_given": "01/04/2022", "dose_number": "4", **booster}),
        ]
    )
    await told(
        records,
        {
            "1": (Grade.EXACT, ()),
            "2": (Grade.EXACT, ()),
            "3": (Grade.EXACT, ()),
            "4": (Grade.REVIEW, (Reason.SEX_DIFFERS,)),
        },
    )
    await records.sign(issued=["1"], refused={"3": RefusalCode.DUPLICATE_DOSE})
    answer = await mine(records)
    stands = [(one["dose_number"], one["stage"], one["holder"]["kind"]) for one in answer["items"]]
    assert stands == [
        (4, "identity", "police"),
        (3, "signing", "facility"),
        (2, "signing", "ministry"),
        (1, "issued", "nobody"),
    ]
    review, refused, *_ = answer["items"]
    assert review["holder"]["residence"] == "6867224769"
    assert review["since"] is not None
    assert [paper["kind"] for paper in review["bring"]] == ["card", "birth_certificate"]
    assert refused["holder"]["facility_code"] == refused["facility_code"]
    assert refused["reasons"] == ["DUPLICATE_DOSE"]
    assert answer["others"] == 0 and answer["note"] is None


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"full_name": "Nguyen Thi Minh Khai", "date_of_birth": "1980"}, True),
        ({"full_name": "Nguyễn Thị Minh Khai", "date_of_birth": "05/03/1980"}, True),
        ({"full_name": "Nguyễn Thị Minh Khanh"}, False),
        ({"full_name": "Nguyễn Thị Minh Khai", "date_of_birth": "03/05/1952"}, False),
    ],
    ids=["two slips", "day and month", "a twin", "a grandmother of the same name"],
)
async def test_a_dose_with_the_number_is_shown_to_its_person_alone(
    records: Records, typed: dict[str, str], shown: bool
) -> None:
    holder = {"full_name": "Nguyễn Thị Minh Khai", "date_of_birth": "03/05/1980"}
    await records.record(
        [
            raw(**{"source_id": "mine", "personal_id": MINE, **holder, **HOME}),
            raw(**{"source_id": "typed", "personal_id": MINE, **holder, **HOME, **typed}),
        ]
    )
    await told(
        records,
        {"mine": (Grade.EXACT, ()), "typed": (Grade.MISMATCH, (Reason.DATE_DIFFERS,))},
    )
    answer = await mine(records)
    assert len(answer["items"]) == (2 if shown else 1)
    assert answer["others"] == (0 if shown else 1)
    if shown:
        held = [one for one in answer["items"] if one["stage"] == "identity"]
        assert [one["holder"]["kind"] for one in held] == ["station"]


async def test_of_a_number_whose_holder_is_not_known_nothing_is_shown(records: Records) -> None:
    await records.record([raw(source_id="1", personal_id=MINE, **HOME)])
    await told(records, {"1": (Grade.MISMATCH, (Reason.DATE_DIFFERS,))})
    answer = await mine(records)
    assert answer["items"] == [] and answer["others"] == 1
    assert answer["note"]["vi"]


KHAI = {"full_name": "Nguyễn Thị Minh Khai", "date_of_birth": "03/05/1980"}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"personal_id": MINE}, True),
        ({"personal_id": MINE, "full_name": "Nguyen Thi Minh Khai"}, True),
        ({"personal_id": "068190000002"}, False),
        ({"personal_id": ""}, False),
        ({"personal_id": MINE, "full_name": "Nguyễn Thị Minh Khanh"}, False),
    ],
    ids=["the number", "without accents", "a namesake", "no number", "a twin"],
)
async def test_a_dose_that_nobody_has_judged_yet_is_shown_to_whom_was_typed(
    records: Records, typed: dict[str, str], shown: bool
) -> None:
    await records.record([raw(**{"source_id": "known", "personal_id": MINE, **KHAI, **HOME})])
    await told(records, {"known": (Grade.EXACT, ())})
    await records.record([raw(**{"source_id": "new", **KHAI, **HOME, **typed})])
    stages = [one["stage"] for one in (await mine(records))["items"]]
    assert stages == (["recorded", "signing"] if shown else ["signing"])


async def test_who_is_known_by_the_token_alone_sees_what_nobody_has_judged_yet(
    records: Records,
) -> None:
    await records.record([raw(**{"source_id": "new", "personal_id": MINE, **KHAI, **HOME})])
    assert (await mine(records))["items"] == []
    known = identity_in_token({"name": KHAI["full_name"], "birthdate": "1980-05-03"})
    async with records.context.db.begin() as tx:
        found = await doses_of_person(tx, records.context.sealer, MINE, known)
    assert [standing(row).stage for row in found.own] == ["recorded"]


@pytest.mark.parametrize(
    ("suggested", "certain", "shown"),
    [
        (MINE, CertainKind.MISSING_NUMBER_SOLE, True),
        (MINE, None, False),
        ("068190000002", CertainKind.MISSING_NUMBER_SOLE, False),
    ],
    ids=["certain", "likely", "a namesake's"],
)
async def test_a_dose_without_a_number_is_shown_where_its_person_is_certain(
    records: Records, suggested: str, certain: str | None, shown: bool
) -> None:
    await records.record(
        [
            raw(**{"source_id": "known", "personal_id": MINE, **KHAI, **HOME}),
            raw(**{"source_id": "bare", "personal_id": "", **KHAI, **HOME}),
        ]
    )
    await told(records, {"known": (Grade.EXACT, ())})
    person = SuggestedPerson(
        suggested,
        KHAI["full_name"],
        "1980-05-03",
        "female",
        1.0,
        NumberChange.GIVEN,
        certain=certain,
    )
    await told(records, {"bare": (Grade.MISSING_ID, (Reason.ID_MISSING,))}, suggested=person)
    answer = await mine(records)
    stages = [one["stage"] for one in answer["items"]]
    assert stages == (["identity", "signing"] if shown else ["signing"])
    assert answer["others"] == 0
    if shown:
        ids = await records.ids()
        dismissed = await records.caller(Role.POLICE, areas=["68"]).ask(
            "POST", f"/doses/{ids['bare']}/dismiss-suggestion", json={"version": 1}
        )
        assert dismissed.status_code == 200, dismissed.text
        assert [one["stage"] for one in (await mine(records))["items"]] == ["signing"]


async def test_a_correction_to_another_person_is_shown_to_the_first_no_more(
    records: Records,
) -> None:
    await records.record(
        [
            raw(source_id="1", personal_id=MINE, full_name="Trần Văn Anh", **HOME),
            raw(source_id="2", personal_id=MINE, full_name="Trần Văn Anh", **HOME),
        ]
    )
    await told(records, {"1": (Grade.EXACT, ()), "2": (Grade.EXACT, ())})
    ids = await records.ids()
    correction = {
        "reason": "another person's",
        "person": {"full_name": "Lê Thị Bích", "personal_id": "068190000002"},
    }
    answer = await records.caller().ask("PATCH", f"/doses/{ids['2']}", json=correction)
    assert answer.status_code == 200, answer.text
    assert [one["dose_id"] for one in (await mine(records))["items"]] == [ids["1"]]
    # a mere mended product stays the person's, and waits
    await records.caller().ask(
        "PATCH", f"/doses/{ids['1']}", json={"reason": "the slip", "lot": "AB1234"}
    )
    (left,) = (await mine(records))["items"]
    assert left["stage"] == "recorded" and left["since"] is not None


async def test_a_token_without_a_number_is_told_of_nobody(records: Records) -> None:
    answer = await records.caller(Role.CITIZEN).ask("GET", "/me/doses")
    assert answer.status_code == 403
    assert answer.json()["code"] == "TOKEN_WITHOUT_PERSON"
    assert (
        await records.caller(Role.STATION, areas=["68"]).ask("GET", "/me/doses")
    ).status_code == 403
