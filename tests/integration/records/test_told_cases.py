"""The lists of records know where the police are with a dose, in whatever order it is told."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.access import Role
from contracts.case_states import WAITS_FOR
from contracts.events import ChangedCase, RefusedAcceptance
from contracts.words import Grade, Reason
from services.records.standing_letters.service import mail_one
from tests.integration.records.conftest import Records
from tests.integration.records.test_acceptances import BY_CARD, accept
from tests.integration.records.test_acceptances import told as acceptances_told
from tests.integration.records.test_own_doses import HOME, MINE
from tests.integration.records.test_own_doses import told as passes
from tests.integration.records.test_suggestions import BINH, HOA, MISSING, TYPED, police, station
from tests.support.files import typed
from tests.support.mail import Sink

AT = datetime(2022, 4, 1, 10, 0, tzinfo=UTC)
_STATES: Any = {
    "papers_asked": "asked_for_papers",
    "sent_back": "asked_for_papers",
    "answered": "open",
    "sent_to_police": "open",
    "undone": "open",
    "first_confirmed": "awaiting_second",
    "decided": "decided",
}


def case(dose_id: int, step: int, act: Any, version: int = 1) -> ChangedCase:
    """A step of a case, each an hour after the one before."""
    state = _STATES[act]
    since = AT + timedelta(hours=step)
    return ChangedCase(dose_id, version, step, state, act, WAITS_FOR[state], since)


async def recorded(records: Records) -> dict[str, int]:
    """a: with a case, and somebody suggested; b: without a case; c: for the police alone."""
    people = ("Nguyễn Thị Hòa", "Trần Quốc Binh", "Lê Văn C")
    await records.record(
        [
            typed(source_id=source, **{**TYPED, "full_name": name})
            for source, name in zip("abc", people, strict=True)
        ]
    )
    return await records.ids()


async def some(records: Records) -> dict[str, int]:
    """The same, as they are judged."""
    ids = await recorded(records)
    judgements: Any = {**dict.fromkeys("ab", MISSING), "c": (Grade.REVIEW, [Reason.SEX_DIFFERS])}
    await records.judge(judgements, {"a": [HOA, BINH]}, opened="ac")
    return ids


async def listed(records: Records, **filters: Any) -> dict[str, Any]:
    """What the station's worklist says of cases, by source id."""
    page = await station(records).get("/worklist", **filters)
    return {
        item["dose"]["source_id"]: (case["act"], case["waiting_for"]) if case else None
        for item in page["items"]
        for case in [item["case"]]
    }


async def test_a_case_that_was_opened_with_its_dose_is_listed_without_a_row_of_its_own(
    records: Records,
) -> None:
    await some(records)
    opened = ("opened", "police")
    assert await listed(records) == {"a": opened, "b": None, "c": opened}
    async with records.context.db.begin() as tx:
        assert await tx.raw.fetchval("SELECT count(*) FROM told_case") == 0


async def test_lists_say_whom_a_case_waits_for_since_when_in_words(records: Records) -> None:
    ids = await some(records)
    await records.tell_cases(case(ids["b"], 1, "sent_to_police"), case(ids["a"], 1, "papers_asked"))
    assert await listed(records, waiting_for="station") == {"a": ("papers_asked", "station")}
    assert await listed(records, waiting_for="police") == {
        "b": ("sent_to_police", "police"),
        "c": ("opened", "police"),
    }
    [item] = (await station(records).get("/worklist", waiting_for="station"))["items"]
    assert item["case"] == {
        "state": "asked_for_papers",
        "waiting_for": "station",
        "since": "2022-04-01T11:00:00Z",
        "act": "papers_asked",
        "title": "Công an cần xem giấy tờ",
        "title_en": "The police ask for papers",
    }
    one = await station(records).get(f"/doses/{ids['a']}")
    assert one["case"] == item["case"]


async def test_the_summary_counts_what_waits_for_the_police_and_for_the_station(
    records: Records,
) -> None:
    names = ("waiting_police", "waiting_second", "waiting_station", "shared")

    async def counts() -> tuple[int, ...]:
        summary = await station(records).get("/worklist/summary")
        return tuple(summary[name] for name in names)

    ids = await some(records)
    assert await counts() == (2, 0, 0, 1)
    await records.tell_cases(
        case(ids["a"], 1, "first_confirmed"), case(ids["b"], 1, "sent_to_police")
    )
    assert await counts() == (3, 1, 0, 0)
    await records.tell_cases(case(ids["c"], 1, "papers_asked"), case(ids["b"], 2, "sent_back"))
    assert await counts() == (1, 1, 2, 0)
    await records.tell_cases(case(ids["a"], 2, "undone"))
    assert await counts() == (1, 0, 2, 1)


async def test_older_news_never_win_and_the_same_again_changes_nothing(records: Records) -> None:
    ids = await some(records)
    first, second = case(ids["a"], 1, "papers_asked"), case(ids["a"], 2, "answered")
    for told in ([second], [first], [second], [second, first]):
        await records.tell_cases(*told)
        assert (await listed(records))["a"] == ("answered", "police")


async def test_what_comes_before_its_dose_was_judged_is_kept_for_it(records: Records) -> None:
    ids = await recorded(records)
    await records.tell_cases(case(ids["a"], 1, "papers_asked"))
    await records.judge({"a": MISSING}, opened="a")
    assert await listed(records) == {"a": ("papers_asked", "station")}


async def test_a_case_of_an_older_version_is_told_of_no_more(records: Records) -> None:
    ids = await some(records)
    await records.tell_cases(case(ids["a"], 1, "papers_asked"))
    await records.caller(Role.SERVICE).ask(
        "PATCH", f"/doses/{ids['a']}", json={"reason": "card", "person": {"phone": "0901234567"}}
    )
    await records.tell_cases(case(ids["a"], 2, "answered"))
    await records.judge({"a": MISSING})
    assert (await listed(records))["a"] is None
    await records.tell_cases(case(ids["a"], 3, "papers_asked"))
    assert (await listed(records))["a"] is None
    async with records.context.db.begin() as tx:
        assert await tx.raw.fetchval("SELECT count(*) FROM told_case") == 0


async def test_a_withdrawn_dose_has_no_case(records: Records) -> None:
    ids = await some(records)
    await records.tell_cases(case(ids["a"], 1, "papers_asked"))
    await records.caller().ask("DELETE", f"/doses/{ids['a']}", params={"code": "duplicate"})
    await records.tell_cases(case(ids["a"], 2, "answered"))
    async with records.context.db.begin() as tx:
        assert await tx.raw.fetchval("SELECT count(*) FROM told_case") == 0


async def _refused(records: Records, code: str) -> None:
    """The verifier refuses the only acceptance, and has the dose verified again."""
    [accepted] = await acceptances_told(records)
    refusal = RefusedAcceptance(accepted.dose_id, accepted.version, accepted.at, code)
    await records.tell_cases(refused=[refusal])


async def test_who_accepted_reads_why_it_did_not_hold_until_the_dose_is_corrected(
    records: Records,
) -> None:
    ids = await some(records)
    await accept(records, station(records), "a", **BY_CARD)
    await _refused(records, "REGISTRY_CHANGED")
    [item] = (await station(records).get("/worklist", suggestion="certain"))["items"]
    unheld = item["unheld"]
    assert (unheld["code"], item["suggestions"]["accepted"]) == ("REGISTRY_CHANGED", None)
    assert unheld["message"].startswith("Dữ liệu dân cư của người được nhận vừa thay đổi")
    assert unheld["message_en"].startswith("The registry changed")
    correction: Any = {"reason": "told again", "person": {"phone": "0901234567"}}
    for shown in (True, False):
        await records.caller(Role.SERVICE).ask("PATCH", f"/doses/{ids['a']}", json=correction)
        await records.judge({"a": MISSING}, {"a": [HOA]})
        one = await station(records).get(f"/doses/{ids['a']}")
        assert (one["unheld"] is not None) is shown
        correction["person"]["phone"] = "0901234568"


async def test_a_refused_acceptance_can_be_made_again_and_an_old_refusal_does_not_hit_it(
    records: Records,
) -> None:
    await some(records)
    await accept(records, station(records), "a", **BY_CARD)
    await _refused(records, "DECISIONS_DIFFER")
    status, _ = await accept(records, station(records), "a", **BY_CARD)
    assert status == 200
    first, _ = await acceptances_told(records)
    late = RefusedAcceptance(first.dose_id, first.version, first.at, "DECISIONS_DIFFER")
    await records.tell_cases(refused=[late])
    [item] = (await station(records).get("/worklist", accepted=True))["items"]
    assert item["unheld"] is None


async def test_a_code_of_a_newer_verifier_is_told_in_words_too(records: Records) -> None:
    await some(records)
    await accept(records, station(records), "a", **BY_CARD)
    await _refused(records, "SOMETHING_NEW")
    [item] = (await station(records).get("/worklist", suggestion="certain"))["items"]
    assert item["unheld"]["message"]


@pytest.mark.parametrize("path", ["/worklist.csv", "/batches/{}/rows.csv"])
async def test_files_say_where_a_case_is_and_why_an_acceptance_did_not_hold(
    records: Records, path: str
) -> None:
    ids = await some(records)
    await accept(records, station(records), "a", **BY_CARD)
    await _refused(records, "NOT_ALLOWED")
    await records.tell_cases(case(ids["a"], 1, "sent_back"))
    [batch] = (await records.caller().get("/batches"))["items"]
    answer = await records.caller(Role.SERVICE).ask("GET", path.format(batch["batch_id"]))
    rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    [cells] = [row for row in rows if "a" in row]
    assert "Công an trả lại, cần trạm xem" in cells
    assert any("Gợi ý này cần thẻ hoặc cần công an xác nhận" in cell for cell in cells)


async def test_rows_of_a_batch_and_found_people_show_the_case(records: Records) -> None:
    ids = await some(records)
    await records.tell_cases(case(ids["a"], 1, "papers_asked"))
    [batch] = (await records.caller().get("/batches"))["items"]
    rows = await records.caller().get(f"/batches/{batch['batch_id']}/rows")
    assert [row["case"] and row["case"]["act"] for row in rows["items"]] == [
        "papers_asked",
        None,
        "opened",
    ]
    found = await police(records).ask(
        "POST",
        "/people/search",
        json={"full_name": "Nguyễn Thị Hòa", "date_of_birth": "03/05/1980"},
        headers={"X-Purpose": "identity"},
    )
    [person] = found.json()["items"]
    assert [dose["case"]["act"] for dose in person["doses"]] == ["papers_asked"]


async def _mine(records: Records) -> int:
    """A dose of Hoà that waits for correction, beside one that passed."""
    row = {**TYPED, "personal_id": MINE, **HOME}
    passed = {**row, "date_given": "01/06/2021", "dose_number": "1"}
    await records.record([typed(source_id="1", **row), typed(source_id="2", **passed)])
    await records.judge({"1": (Grade.MISMATCH, [Reason.SEX_DIFFERS])}, opened="1")
    await passes(records, {"2": (Grade.EXACT, ())})
    return (await records.ids())["1"]


async def _of_hoa(records: Records) -> int:
    """A dose of Hoà that waits for correction, and her complaint about it."""
    dose_id = await _mine(records)
    complaint = {"kind": "wrong_data", "text": "Sai giới tính.", "province_code": "68"}
    more = {"dose_id": dose_id, "contact": {"email": "hoa@example.vn"}}
    sent = await records.caller(Role.CITIZEN, personal_id=MINE).ask(
        "POST", "/complaints", json={**complaint, **more}
    )
    assert sent.status_code == 201, sent.text
    return dose_id


async def _letters(records: Records, sink: Sink) -> list[str]:
    while await mail_one(records.context, sink.mailer()):
        pass
    bodies = [message.get_body(("plain",)) for message in sink.taken]
    return [body.get_content() for body in bodies if body]


async def test_who_complained_is_mailed_once_which_papers_the_police_ask_for(
    records: Records, sink: Sink
) -> None:
    dose_id = await _of_hoa(records)
    for _ in range(2):
        await records.tell_cases(case(dose_id, 1, "papers_asked"))
    (text,) = await _letters(records, sink)
    for part in (
        "Công an cần xem giấy tờ",
        "Mang theo: Thẻ căn cước (CCCD)",
        "Mang giấy tờ đến công an hoặc trạm y tế xã nơi cư trú.",
        "The police ask for papers",
    ):
        assert part in text
    for personal in (MINE, "Hòa", "1980", "1981"):
        assert personal not in text
    assert [message["To"] for message in sink.taken] == ["hoa@example.vn"]


@pytest.mark.parametrize("acts", [("sent_back",), ("papers_asked", "answered")])
async def test_no_letter_asks_for_papers_that_nobody_waits_for(
    records: Records, sink: Sink, acts: tuple[str, ...]
) -> None:
    dose_id = await _of_hoa(records)
    for step, act in enumerate(acts, 1):
        await records.tell_cases(case(dose_id, step, act))
    assert await _letters(records, sink) == []


@pytest.mark.parametrize(
    ("act", "title", "holder"),
    [
        ("papers_asked", "Công an cần xem giấy tờ", "police"),
        ("sent_to_police", "Công an đang xác minh danh tính", "police"),
        ("first_confirmed", "Công an đang xác minh danh tính", "police"),
        ("sent_back", "Thông tin chưa khớp với dữ liệu dân cư", "station"),
        (None, "Thông tin chưa khớp với dữ liệu dân cư", "station"),
    ],
)
async def test_the_citizen_reads_the_same_words_in_the_own_list(
    records: Records, act: str | None, title: str, holder: str
) -> None:
    dose_id = await _mine(records)
    if act is not None:
        await records.tell_cases(case(dose_id, 1, act))
    mine = await records.caller(Role.CITIZEN, personal_id=MINE).get("/me/doses")
    [dose] = [one for one in mine["items"] if one["dose_id"] == dose_id]
    assert (dose["title"]["vi"], dose["holder"]["kind"]) == (title, holder)
    if act is not None:
        assert dose["since"] == "2022-04-01T11:00:00Z"
