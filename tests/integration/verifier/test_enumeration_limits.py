"""`/checks` against who only guesses numbers: whoever knows a person but for the number does not
find it, and a clinic never notices.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage

from contracts.access import Role
from services.verifier.settings import CheckSettings
from tests.integration.verifier.clinic import Clinic
from tests.integration.verifier.conftest import holding
from tests.integration.verifier.work import BINH, EVERYBODY, SON, TAM
from tests.support.postgres import PostgresServer
from tests.support.registry import registry
from tests.support.tokens import TestIssuer

GIVEN = (
    "An",
    "Bình",
    "Cúc",
    "Dung",
    "Giang",
    "Hà",
    "Lan",
    "Minh",
    "Nga",
    "Oanh",
    "Phúc",
    "Quy",
    "Sen",
)


@asynccontextmanager
async def _clinic(postgres: PostgresServer, folder: Path, **limits: str) -> AsyncIterator[Clinic]:
    async with (
        registry(folder, EVERYBODY) as people,
        holding(postgres, people, check=CheckSettings(**limits)) as context,
    ):
        yield Clinic(context, people, TestIssuer(folder / "issuer"))


@pytest.fixture
async def clinic(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Clinic]:
    async with _clinic(postgres, tmp_path) as opened:
        yield opened


def _tam(at: int, **otherwise: Any) -> dict[str, Any]:
    """The guess that her number ends with `at`."""
    known = {"full_name": TAM.full_name, "date_of_birth": TAM.date_of_birth, "sex": TAM.sex}
    return {**known, "personal_id": f"{TAM.personal_id[:8]}{at:04}", **otherwise}


async def test_five_hundred_candidates_for_one_person_are_refused_together(clinic: Clinic) -> None:
    answer = await clinic.asks(*(_tam(at) for at in range(500)))
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_NUMBERS")
    assert answer.json()["errors"] == [
        {"field": "people.5.personal_id", "code": "TOO_MANY_NUMBERS"}
    ]
    assert 1 <= int(answer.headers["retry-after"]) <= 86_400
    assert answer.json()["detail"] != answer.json()["detail_vi"]
    assert TAM.personal_id not in answer.text


async def test_one_after_another_no_more_are_answered_and_sending_again_does_not_help(
    clinic: Clinic,
) -> None:
    for at in [*range(100, 105), *range(100, 105)]:
        assert (await clinic.asks(_tam(at))).status_code == 200
    right = [await clinic.asks(_tam(int(TAM.personal_id[8:]))) for _ in range(2)]
    assert [one.json()["code"] for one in right] == ["TOO_MANY_NUMBERS"] * 2
    others = ({"facility": "68002"}, {"role": Role.STATION, "areas": ["68"]})
    assert [(await clinic.asks(_tam(200), **other)).status_code for other in others] == [200] * 2


@pytest.mark.parametrize(
    "spelt",
    [
        {"full_name": "NGUYEN THI TAM"},
        {"full_name": "Tâm Nguyễn Thị"},
        {"date_of_birth": "05/03/1980"},
        {"sex": "male"},
        {"sex": None},
        {"commune_code": "00190"},
    ],
)
async def test_a_person_spelt_otherwise_is_the_same_person(
    clinic: Clinic, spelt: dict[str, Any]
) -> None:
    assert (await clinic.asks(*(_tam(at) for at in range(100, 105)))).status_code == 200
    assert (await clinic.asks(_tam(105, **spelt))).status_code == 429


async def test_varying_the_birth_date_or_the_name_finds_no_number_either(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    async with _clinic(
        postgres, tmp_path, numbers_per_name="20 per day", numbers_per_birth="30 per day"
    ) as clinic:
        days = [
            _tam(at, date_of_birth=f"{1 + at % 28:02}/{1 + at // 28:02}/1980") for at in range(31)
        ]
        assert (await clinic.asks(*days)).json()["errors"][0]["field"] == "people.20.personal_id"
        names = [
            _tam(at, full_name=f"{chr(97 + at)}{chr(97 + at)}", date_of_birth="02/02/1970")
            for at in range(26)
        ]
        more = [
            _tam(at, full_name=f"{chr(97 + at)}bcd", date_of_birth="02/02/1970") for at in range(26)
        ]
        assert (await clinic.asks(*names)).status_code == 200
        assert (await clinic.asks(*more)).json()["errors"][0]["field"] == "people.4.personal_id"


async def test_a_guardian_s_number_is_not_to_be_guessed_either(clinic: Clinic) -> None:
    guessed = [
        {"full_name": "Nguyễn Minh Ngọc", "date_of_birth": "2012-09-05", "guardian": _tam(at)}
        for at in range(6)
    ]
    assert (await clinic.asks(*guessed)).json()["errors"][0][
        "field"
    ] == "people.5.guardian.personal_id"


async def test_one_person_many_times_in_a_list_is_one_try_in_a_store_that_takes_its_time_too(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = MemoryStorage.get

    async def after_others(store: MemoryStorage, key: str) -> int:
        await asyncio.sleep(0)
        return int(await at_once(store, key))

    monkeypatch.setattr(MemoryStorage, "get", after_others)
    assert (await clinic.asks(*[_tam(100)] * 20)).status_code == 200


async def test_misses_are_counted_over_all_people_and_what_is_left_is_not_to_be_learnt_from(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    async with _clinic(postgres, tmp_path, misses_per_caller="3 per day") as clinic:
        right = [
            {
                "full_name": one.full_name,
                "date_of_birth": one.date_of_birth,
                "sex": one.sex,
                "personal_id": one.personal_id,
            }
            for one in (BINH, SON)
        ]
        wrong = [
            {**right[0], "full_name": "Hồ Văn Lạ", "personal_id": f"0680810001{at:02}"}
            for at in range(4)
        ]
        unnumbered = [{**one, "personal_id": ""} for one in right]
        assert (await clinic.asks(*right, *wrong[:2], *unnumbered)).status_code == 200
        refused = await clinic.asks(*right, *wrong[2:])
        assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_MISSES")
        assert "items" not in refused.json()
        # one miss would still have had room: who was refused used it up
        assert (await clinic.asks(right[0])).json()["code"] == "TOO_MANY_MISSES"
        assert (await clinic.asks(*unnumbered)).status_code == 200
        assert (await clinic.asks(*right, facility="68002")).status_code == 200


async def test_a_clinic_s_list_of_which_a_fifth_is_wrong_is_checked_again_and_again(
    clinic: Clinic,
) -> None:
    families, given = (
        ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng"),
        ("An", "Bình", "Cúc", "Dũng", "Giang", "Hà", "Lan", "Minh", "Nga", "Oanh"),
    )
    known = [
        {
            "full_name": one.full_name,
            "date_of_birth": one.date_of_birth,
            "sex": one.sex,
            "personal_id": one.personal_id,
        }
        for one in EVERYBODY
    ]
    crowd = [
        {
            "full_name": f"{families[at % 5]} Thị {given[at // 5 % 10]}",
            # every fifth of them by the year alone, as the old are
            "date_of_birth": f"01/01/19{30 + at % 20}"
            if at % 5 == 0
            else f"{1 + at % 28:02}/{1 + at % 12:02}/19{50 + at % 45}",
            "sex": "female",
            "personal_id": f"0681{at:08}",
        }
        for at in range(480)
    ]
    for _ in range(3):
        answer = await clinic.asks(*known, *crowd)
        assert answer.status_code == 200, answer.text
        assert [one["passes"] for one in answer.json()["items"][: len(known)]] == [True] * len(
            known
        )
    # and whom the clerk types anew has another number or two
    assert (
        await clinic.asks(
            {**crowd[7], "personal_id": "068199999999"}, {**crowd[7], "personal_id": "068199999998"}
        )
    ).status_code == 200


@pytest.mark.parametrize("birth", ["01/01/1950", "1950"])
async def test_elders_whose_year_alone_is_known_are_no_guesses_at_one_birth_date(
    clinic: Clinic, birth: str
) -> None:
    names = [
        f"{family} Thị {middle} {given}"
        for family in ("Vũ", "Đỗ", "Bùi")
        for middle in ("Thu", "Kim", "Mai")
        for given in GIVEN
    ]
    elders = [
        {"full_name": name, "date_of_birth": birth, "personal_id": f"0681500{at:05}"}
        for at, name in enumerate(names)
    ]
    assert len(elders) > 100
    assert (await clinic.asks(*elders)).status_code == 200
