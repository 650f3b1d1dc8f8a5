"""`/checks` with a guardian, against the real stub: the child's number where that is safe, and
otherwise nothing that was not typed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts.access import Role
from deploy.sample.population import Registered
from services.verifier.settings import GuardianSettings
from tests.integration.verifier.clinic import Clinic
from tests.integration.verifier.conftest import holding
from tests.integration.verifier.work import HOME, NGOC, TAM, Pipeline
from tests.support.postgres import PostgresServer
from tests.support.registry import registry
from tests.support.tokens import TestIssuer

AWAY = ("01", "011", "00190")


def _person(
    number: str,
    name: str,
    birth: str,
    sex: str = "female",
    home: tuple[str, str, str] = HOME,
    status: str = "alive",
) -> Registered:
    return Registered(number, (), name, birth, sex, "VN", *home, status)


MOTHER = _person("068185100001", "Lê Thị Mai", "1985-02-10")
AUNT = _person("001180100002", "Lê Thị Cúc", "1980-02-10", home=AWAY)
GRANDFATHER = _person("068050100003", "Trần Văn Tài", "1950", "male", status="died")
SISTER = _person("068306100004", "Trần Minh Thư", "2006-01-15")
NOWHERE = _person("068185100005", "Phan Thị Lài", "1985-03-11", home=("", "", ""))
ANH = _person("068312000001", "Trần Minh Anh", "2012-09-05")
TWINS = (
    _person("068313000002", "Trần Minh Ngọc", "2013-07-01"),
    _person("068313000003", "Trần Minh Ngà", "2013-07-01"),
)
NAMESAKES = (
    _person("068214000004", "Lê Gia Bảo", "2014-02-03", "male"),
    _person("068214000005", "Lê Gia Bảo", "2014-03-02", "male"),
)
MOVED = _person("068212000006", "Trần Đức Huy", "2012-04-04", "male", AWAY)
DIED = _person("068212000007", "Trần Đức Long", "2012-05-05", "male", status="died")
LOST = _person("068315000008", "Hồ Thị Sương", "2015-05-05")
CROWD = [
    _person(
        f"0682150{at:05}", f"Đinh Văn {chr(65 + at // 26)}{chr(97 + at % 26)}", "2015-05-05", "male"
    )
    for at in range(101)
]
FAMILY = (
    MOTHER,
    AUNT,
    GRANDFATHER,
    SISTER,
    NOWHERE,
    ANH,
    *TWINS,
    *NAMESAKES,
    MOVED,
    DIED,
    LOST,
    *CROWD,
)
NOBODY = _person("068212999999", "Trần Không Có", "2012-06-06", "male")


def child(
    person: Registered, guardian: dict[str, Any] | None = None, **otherwise: Any
) -> dict[str, Any]:
    """A child as a clinic types it, without a number, and its guardian."""
    shown = {
        "full_name": person.full_name,
        "date_of_birth": person.date_of_birth,
        "sex": person.sex,
    }
    return {**shown, "guardian": guardian or typed(MOTHER), **otherwise}


def typed(person: Registered, **otherwise: Any) -> dict[str, Any]:
    """A guardian as typed from a card."""
    names = ("personal_id", "full_name", "date_of_birth", "sex")
    return {name: getattr(person, name) for name in names} | otherwise


def card(person: Registered, **otherwise: Any) -> str:
    """The line of a card; `otherwise` as on a card that is not what the registry says."""
    said = person._replace(**otherwise)
    day = "".join(reversed(said.date_of_birth.split("-")))
    return (
        f"{said.personal_id}||{said.full_name}|{day}|{'Nam' if said.sex == 'male' else 'Nữ'}|Phường"
        " 7, Đà Lạt|10052021"
    )


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> TestIssuer:
    return TestIssuer(tmp_path_factory.mktemp("issuer"))


@asynccontextmanager
async def clinic_with(
    postgres: PostgresServer, folder: Path, issuer: TestIssuer, **limits: str
) -> AsyncIterator[Clinic]:
    async with (
        registry(folder, FAMILY) as people,
        holding(postgres, people, GuardianSettings(**limits)) as context,
    ):
        yield Clinic(context, people, issuer)


@pytest.fixture
async def clinic(
    postgres: PostgresServer, tmp_path: Path, issuer: TestIssuer
) -> AsyncIterator[Clinic]:
    async with clinic_with(postgres, tmp_path, issuer) as opened:
        yield opened


@pytest.mark.parametrize(
    "guardian",
    [
        typed(MOTHER),
        typed(MOTHER, full_name="LÊ THỊ MAI", date_of_birth="10/02/1985"),
        typed(MOTHER, personal_id="68185100001"),
        {"card": card(MOTHER)},
        {"card": card(MOTHER), "full_name": "Le Thi Mai"},
    ],
)
async def test_a_child_whose_guardian_is_there_gets_its_number_and_passes_with_it(
    clinic: Clinic, guardian: dict[str, Any]
) -> None:
    answer = await clinic.asks(child(ANH, guardian, date_of_birth="05/09/2012"))
    [item] = answer.json()["items"]
    assert (item["grade"], item["passes"]) == ("missing_id", False)
    assert (item["by_guardian"]["personal_id"], item["by_guardian"]["refusal"]) == (
        ANH.personal_id,
        None,
    )
    again = child(ANH, personal_id=item["by_guardian"]["personal_id"])
    del again["guardian"]
    [item] = (await clinic.asks(again)).json()["items"]
    assert (item["grade"], item["passes"], item["by_guardian"]) == ("exact", True, None)


async def test_a_number_that_is_no_childs_own_is_replaced_by_the_one_told(clinic: Clinic) -> None:
    for wrong in (MOTHER.personal_id, "không có", "0912345678"):
        [told] = await clinic.told(child(ANH, personal_id=wrong))
        assert told["personal_id"] == ANH.personal_id
    assert await clinic.refusal(child(ANH, personal_id=ANH.personal_id)) == "NUMBER_HOLDS"


@pytest.mark.parametrize(
    ("expected", "asked"),
    [
        ("GUARDIAN_NOT_VERIFIED", child(ANH, typed(GRANDFATHER))),
        ("GUARDIAN_NOT_VERIFIED", child(ANH, typed(MOTHER, full_name="Lê Thị Huệ"))),
        ("GUARDIAN_NOT_VERIFIED", child(ANH, typed(MOTHER, personal_id=""))),
        ("GUARDIAN_NOT_VERIFIED", child(ANH, {"personal_id": MOTHER.personal_id})),
        ("GUARDIAN_NOT_VERIFIED", child(ANH, {"card": card(MOTHER, personal_id=AUNT.personal_id)})),
        ("GUARDIAN_NOT_VERIFIED", child(ANH, {"card": card(NOBODY)})),
        ("GUARDIAN_CARD_DIFFERS", child(ANH, typed(AUNT, card=card(MOTHER)))),
        ("GUARDIAN_CARD_DIFFERS", child(ANH, {"full_name": "Trần Văn Tài", "card": card(MOTHER)})),
        ("GUARDIAN_NOT_OF_AGE", child(ANH, {"card": card(SISTER)})),
        ("CHILD_OF_AGE", child(MOTHER)),
        ("CHILD_INCOMPLETE", child(ANH, date_of_birth="2012")),
        ("CHILD_FOREIGN", child(ANH, nationality="LA")),
    ],
)
async def test_what_can_be_told_from_what_was_given_is_told(
    clinic: Clinic, expected: str, asked: dict[str, Any]
) -> None:
    assert await clinic.refusal(asked) == expected


async def test_of_who_is_registered_every_refusal_says_the_same(clinic: Clinic) -> None:
    unsafe = [
        child(NOBODY),
        child(TWINS[0]),
        child(TWINS[1]),
        child(NAMESAKES[0]),
        child(MOVED),
        child(DIED),
        child(LOST),
        child(ANH, full_name="Tran Minh Anh"),
        child(ANH, date_of_birth="2012-09-06"),
        child(ANH, sex="male"),
        child(ANH, commune_code=AWAY[2]),
        child(ANH, typed(AUNT)),
        child(ANH, typed(NOWHERE)),
    ]
    answers = await clinic.told(*unsafe)
    assert answers == [answers[0]] * len(unsafe)
    assert (answers[0]["refusal"], answers[0]["personal_id"], answers[0]["guardian"]) == (
        "CHILD_NOT_SINGLED_OUT",
        None,
        [],
    )


async def test_how_the_guardian_differs_is_told_as_a_check_of_the_guardian_would_tell_it(
    clinic: Clinic,
) -> None:
    [died, repaired] = await clinic.told(
        child(ANH, typed(GRANDFATHER)), child(ANH, typed(MOTHER, full_name="Le Thi Mai"))
    )
    # that somebody has died is told to the police alone
    assert [(one["name"], one["reason"]) for one in died["guardian"]] == [("status", None)]
    assert [(one["name"], one["reason"]) for one in repaired["guardian"]] == [
        ("full_name", "DIACRITICS_MISSING")
    ]
    assert repaired["personal_id"] == ANH.personal_id


async def test_many_at_once_are_answered_in_their_order_and_who_has_no_guardian_as_ever(
    clinic: Clinic,
) -> None:
    alone = child(ANH)
    del alone["guardian"]
    asked = [child(NOBODY), alone, child(ANH), child(ANH, typed(GRANDFATHER))] * 40
    numbers = [
        one and (one["personal_id"] or one["refusal"]) for one in await clinic.told(*asked[:160])
    ]
    assert numbers == ["CHILD_NOT_SINGLED_OUT", None, ANH.personal_id, "GUARDIAN_NOT_VERIFIED"] * 40


async def test_where_the_guardian_moves_there_the_child_is_looked_for(clinic: Clinic) -> None:
    assert await clinic.refusal(child(MOVED)) == "CHILD_NOT_SINGLED_OUT"
    moves = dict(zip(("province_code", "district_code", "commune_code"), AWAY, strict=True))
    order = {"kind": "corrected", "personal_id": MOTHER.personal_id, **moves}
    assert (
        await clinic.registry.post("/registry/v1/control", json={"changes": [order]})
    ).status_code == 200
    [told] = await clinic.told(child(MOVED))
    assert told["personal_id"] == MOVED.personal_id
    assert await clinic.refusal(child(ANH)) == "CHILD_NOT_SINGLED_OUT"


async def test_a_line_that_is_no_cards_is_named_by_its_place(clinic: Clinic) -> None:
    answer = await clinic.asks(child(ANH), child(ANH, {"card": "068185100001|x"}))
    assert (answer.status_code, answer.json()["code"]) == (422, "CARD_INVALID")
    assert answer.json()["errors"][0]["field"] == "people.1.guardian.card"
    assert "068185100001" not in answer.text


@pytest.mark.parametrize("wrong", [{"outage": True}, {"wrong": "fewer"}, {"wrong": "malformed"}])
async def test_without_a_whole_answer_of_the_registry_nobody_is_answered(
    clinic: Clinic, wrong: dict[str, Any]
) -> None:
    await clinic.registry.post("/registry/v1/control", json={"behaviour": wrong})
    assert (await clinic.asks(child(ANH))).status_code == 503


async def test_looking_up_by_a_guardian_and_telling_a_number_are_acts_of_their_own(
    clinic: Clinic,
) -> None:
    await clinic.told(child(ANH), child(NOBODY), child(ANH, typed(GRANDFATHER)))
    blind = clinic.context.sealer.blind
    acts = [(act, subject) for _, act, subject in await clinic.acts() if act != "check"]
    assert acts == [
        ("guardian_look_up", blind(MOTHER.personal_id)),
        ("guardian_look_up", blind(MOTHER.personal_id)),
        ("number_told", blind(ANH.personal_id)),
    ]
    checked = [
        subject
        for caller, act, subject in await clinic.acts()
        if act == "check" and caller == "facility-68001"
    ]
    assert {blind(MOTHER.personal_id), blind(GRANDFATHER.personal_id)} < set(checked)


async def test_no_more_guesses_are_answered_than_the_limit_lets_even_in_one_request(
    postgres: PostgresServer, tmp_path: Path, issuer: TestIssuer
) -> None:
    async with clinic_with(postgres, tmp_path, issuer, misses_per_caller="3 per day") as clinic:
        days = [child(ANH, date_of_birth=f"{day:02}/09/2012") for day in range(1, 9)]
        answers = await clinic.told(*days)
        assert [one["refusal"] for one in answers] == ["CHILD_NOT_SINGLED_OUT"] * 3 + [
            "TOO_MANY_MISSES"
        ] * 5
        assert [one["personal_id"] for one in answers] == [None] * 8

        refused = await clinic.asks(child(ANH))
        assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_GUARDIAN_LOOKUPS")
        assert 1 <= int(refused.headers["retry-after"]) <= 86_400
        alone = child(ANH)
        del alone["guardian"]
        assert (await clinic.asks(alone)).status_code == 200
        [other] = await clinic.told(child(ANH), facility="68002")
        assert other["personal_id"] == ANH.personal_id


async def test_asks_are_counted_by_facility_or_else_by_subject(
    postgres: PostgresServer, tmp_path: Path, issuer: TestIssuer
) -> None:
    async with clinic_with(postgres, tmp_path, issuer, per_caller="3 per day") as clinic:
        assert (await clinic.asks(child(ANH), child(ANH))).status_code == 200
        too_many = await clinic.asks(child(ANH), child(ANH))
        assert (too_many.status_code, too_many.json()["code"]) == (429, "TOO_MANY_GUARDIAN_LOOKUPS")
        # who was refused has not been counted
        assert (await clinic.asks(child(ANH))).status_code == 200
        assert (await clinic.asks(child(ANH))).status_code == 429
        for area in ("68", "79"):
            assert (
                await clinic.asks(child(ANH), role=Role.STATION, areas=[area])
            ).status_code == 200


async def test_the_running_system_tells_a_childs_number(pipeline: Pipeline) -> None:
    async with pipeline.running.client(Role.FACILITY, facility="68001") as client:
        answer = await client.post(
            "/verifier/v1/checks", json={"people": [child(NGOC, {"card": card(TAM)})]}
        )
    assert answer.json()["items"][0]["by_guardian"]["personal_id"] == NGOC.personal_id
