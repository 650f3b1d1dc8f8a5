"""Bad input over the wire: the right status, a problem document, nothing lost, and no 500."""

import io
import json
import uuid
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from contracts.access import Role
from tests.support.fhir import FHIR, bundle, entries_of, entry, immunization
from tests.support.files import typed
from tests.support.stack import System
from tests.support.workbooks import Page, lines_of, xlsx_book

HEADER = (
    "Mã bản ghi,Họ và tên,Ngày sinh,Giới tính,Số CMND/CCCD/HC,Mũi tiêm thứ,Loại liều,Tên vắc xin,Số"
    " lô,Ngày tiêm,Mã cơ sở tiêm"
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def line(source_id: str | None = None, **changed: str) -> str:
    """One row of the short form, faultless but for what is changed."""
    typed = {
        "source_id": source_id or uuid.uuid4().hex[:12], "name": "Nguyễn Văn An",
        "birth": "01/02/1990", "sex": "Nam", "id": "",
        "number": "1", "kind": "Cơ bản", "product": "Pfizer", "lot": "FK0049",
        "given": "16/10/2021", "facility": "68001", **changed,
    }  # fmt: skip
    return ",".join(typed.values())


def file(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines]).encode()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return out.getvalue()


@pytest.fixture
async def service(with_made_up_people: System) -> AsyncIterator[httpx.AsyncClient]:
    async with with_made_up_people.client() as client:
        yield client


def is_problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), answer.text[:300]
    told: dict[str, Any] = answer.json()
    assert told["detail"] and told["detail_vi"]
    assert code is None or told["code"] == code
    return told


async def post(
    client: httpx.AsyncClient, content: bytes, media_type: str = "text/csv", **headers: str
) -> httpx.Response:
    return await client.post(
        "/records/v1/batches", content=content, headers={"Content-Type": media_type, **headers}
    )


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 50, "text/csv", 422, "NOT_A_DOSE_FILE"),
        (file(header=HEADER), "text/csv", 422, "NO_ROWS"),
        (b"", "text/csv", 422, None),
        (b"PK\x03\x04 no workbook", XLSX, 422, "XLSX_BROKEN"),
        (zip_bomb(), XLSX, 413, "XLSX_TOO_LARGE"),
        (b'{"doses": [', "application/json", 422, "JSON_BROKEN"),
        (b'{"people": []}', "application/json", 422, "JSON_SHAPE"),
        (b"[1, 2]", "application/json", 422, "JSON_SHAPE"),
        (b"<doses/>", "application/xml", 415, "MEDIA_TYPE_UNSUPPORTED"),
        (b'{"doses": []}', FHIR, 422, "FHIR_NOT_A_BUNDLE"),
        (bundle([], "history"), FHIR, 422, "FHIR_BUNDLE_TYPE"),
        (
            bundle([entry({"resourceType": "Patient", "id": "1"})]),
            FHIR,
            422,
            "FHIR_NO_IMMUNIZATION",
        ),
        (
            b'{"resourceType": "Bundle", "type": "batch", "entry": ' + b"[" * 100_000,
            FHIR,
            422,
            "JSON_BROKEN",
        ),
        (b"<Bundle/>", "application/fhir+xml", 415, "MEDIA_TYPE_UNSUPPORTED"),
    ],
    ids=[
        "a picture",
        "no rows",
        "nothing",
        "a broken workbook",
        "a zip bomb",
        "cut JSON",
        "another shape",
        "a list",
        "XML",
        "no bundle",
        "a history",
        "no Immunization",
        "lists without end",
        "FHIR as XML",
    ],
)
async def test_a_file_that_is_no_dose_file_is_refused(
    service: httpx.AsyncClient, content: bytes, media_type: str, status: int, code: str | None
) -> None:
    is_problem(await post(service, content, media_type), status, code)


async def test_wrong_headers_are_told_with_what_is_missing_and_what_was_found(
    service: httpx.AsyncClient,
) -> None:
    told = is_problem(
        await post(service, file(line(), header=HEADER.replace("Số lô", "Lô hàng gì"))),
        422,
        "HEADERS_MISSING",
    )
    assert told["missing"] == ["Số lô"]
    assert "Lô hàng gì" in told["found"]


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_of_200_mb_is_refused(service: httpx.AsyncClient, declared: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 1_000_000

    headers = {
        "Content-Type": "text/csv",
        **({"Content-Length": str(200_000_000)} if declared else {}),
    }
    is_problem(
        await service.post("/records/v1/batches", content=parts(), headers=headers),
        413,
        "BODY_TOO_LARGE",
    )


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (line(name="Nguyễn\0An"), "full_name"),
        (line(birth="01/01/1800"), "date_of_birth"),
        (line(birth="01/01/2100"), "date_of_birth"),
        (line(given="30/02/2022"), "date_given"),
        (line(given="01/01/2100"), "date_given"),
        (line(given="01/01/2020"), "date_given"),
        (line(facility="99001"), "facility_code"),
        (line(product="Nanocovax"), "product"),
        (line(lot="a"), "lot"),
        (line().rsplit(",", 3)[0], ""),
    ],
    # a line holds a code that is new each time: workers that share the tests must agree on names
    ids=["NUL", "born too early", "born too late", "no such day", "given too late",
         "given too early", "facility", "product", "lot", "short"],
)  # fmt: skip
async def test_a_bad_row_is_told_its_field_and_costs_no_good_one(
    service: httpx.AsyncClient, bad: str, field: str
) -> None:
    answer = await post(service, file(line(), bad, line()))
    assert answer.status_code == 202
    batch = answer.json()
    assert (batch["received"], batch["accepted"], batch["rejected"]) == (3, 2, 1)
    rows = (await service.get(batch["links"]["rows"], params={"state": "rejected"})).json()["items"]
    assert [row["row"] for row in rows] == [3]
    error = rows[0]["errors"][0]
    assert error["field"] == field
    assert error["code"] and error["message"] and error["message_en"]
    back = (await service.get(batch["links"]["rows_csv"])).text
    assert len(back.strip().splitlines()) == 4


async def test_an_impossible_birth_date_is_kept_for_people_to_put_right(
    with_made_up_people: System,
) -> None:
    batch = await with_made_up_people.push(file(line(birth="30/02/1990")))
    assert (batch["accepted"], batch["states"]["needs_correction"]) == (1, 1)


async def test_a_source_id_twice_in_a_file_is_refused_the_second_time(
    service: httpx.AsyncClient,
) -> None:
    batch = (await post(service, file(line("twice-1"), line("twice-1", name="Trần Thị Bé")))).json()
    assert (batch["accepted"], batch["rejected"]) == (1, 1)
    rows = (await service.get(batch["links"]["rows"], params={"state": "rejected"})).json()["items"]
    assert [error["code"] for error in rows[0]["errors"]] == ["DUPLICATE_IN_FILE"]


async def test_the_same_file_again_is_unchanged_and_a_changed_row_is_a_new_version(
    service: httpx.AsyncClient,
) -> None:
    lines = [line(f"again-{n}") for n in range(3)]
    first = (await post(service, file(*lines))).json()
    again = (await post(service, file(*lines))).json()
    changed = (await post(service, file(line("again-0", name="Nguyễn Văn Anh"), *lines[1:]))).json()
    assert (first["unchanged"], again["accepted"], again["unchanged"]) == (0, 3, 3)
    assert (changed["accepted"], changed["unchanged"], changed["corrected"]) == (3, 2, 1)
    row = (await service.get(changed["links"]["rows"], params={"limit": 1})).json()["items"][0]
    assert row["version"] == 2


async def test_the_exported_file_comes_back_unchanged(service: httpx.AsyncClient) -> None:
    batch = (
        await post(
            service,
            file(line(), line(name="=cmd|'/c calc'!A1"), line(birth="1956", id="0912345678")),
        )
    ).json()
    back = (await service.get(batch["links"]["rows_csv"])).content
    again = (await post(service, back)).json()
    assert (again["received"], again["unchanged"]) == (3, 3)


async def test_a_facility_may_push_its_own_doses_only_and_loses_nothing_by_trying(
    with_made_up_people: System,
) -> None:
    own, other = line("own-1"), line("other-1", facility="68002")
    async with with_made_up_people.client(Role.FACILITY, facility="68001") as facility:
        is_problem(await post(facility, file(own, other)), 403, "FACILITY_NOT_YOURS")
        taken = (await post(facility, file(own))).json()
        assert (taken["accepted"], taken["unchanged"]) == (1, 0)
    async with with_made_up_people.client(Role.PROVINCE, areas=["68"]) as province:
        batch = (await post(province, file(line("68-1"), line("79-1", facility="79001")))).json()
        assert (batch["accepted"], batch["rejected"]) == (1, 1)
    async with with_made_up_people.client(Role.FACILITY, facility="68002") as stranger:
        is_problem(await stranger.get(taken["links"]["self"]), 404, "BATCH_NOT_FOUND")


async def test_one_key_gives_one_batch_and_another_body_is_refused(
    service: httpx.AsyncClient,
) -> None:
    key, body = uuid.uuid4().hex, file(line(), line())
    first = await post(service, body, **{"Idempotency-Key": key})
    again = await post(service, body, **{"Idempotency-Key": key})
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    is_problem(
        await post(service, file(line()), **{"Idempotency-Key": key}), 422, "IDEMPOTENCY_KEY_REUSED"
    )


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
async def test_json_doses_are_taken_with_their_wrong_ones_told(
    service: httpx.AsyncClient, media_type: str
) -> None:
    good = {
        "source_id": uuid.uuid4().hex[:12], "facility_code": "68001", "product": "Comirnaty",
        "lot": "FK0049", "dose_number": 1,
        "dose_kind": "primary", "date_given": "2021-10-16",
        "person": {"full_name": "Lê Thị Bé", "date_of_birth": "1990-02-01", "sex": "female"},
    }  # fmt: skip
    doses: list[Any] = [good, {**good, "source_id": uuid.uuid4().hex[:12], "lot": {"a": 1}}, 7]
    lines = b"\n".join(json.dumps(dose).encode() for dose in doses)
    body = json.dumps({"doses": doses}).encode() if media_type == "application/json" else lines
    batch = (await post(service, body, media_type)).json()
    assert (batch["received"], batch["accepted"], batch["rejected"]) == (3, 1, 2)


async def test_a_workbook_sent_as_a_form_tells_its_sheets_and_rows(
    service: httpx.AsyncClient,
) -> None:
    name = uuid.uuid4().hex[:8]
    day = [
        lines_of([typed(source_id=f"{name}-{at}", lot="#N/A" if at == 2 else "FK0049")])
        for at in range(3)
    ]
    body = xlsx_book(
        Page("Nháp", day[0], "hidden"),
        Page("Ngày 1", [["TRẠM Y TẾ"], *day[1]]),
        Page("Ngày 2", day[2]),
    )
    answer = await service.post(
        "/records/v1/batches", files={"file": ("a.xls", body, "application/vnd.ms-excel")}
    )
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["received"], told["accepted"], told["rejected"]) == (2, 1, 1)
    assert (told["sheets"], told["ignored"]["Nháp"]) == (["Ngày 1", "Ngày 2"], 2)
    rows = (await service.get(told["links"]["rows"])).json()["items"]
    assert [(row["sheet"], row["row"], row["source_id"]) for row in rows] == [
        ("Ngày 1", 3, f"{name}-1"),
        ("Ngày 2", 2, f"{name}-2"),
    ]
    assert [error["code"] for error in rows[1]["errors"]] == ["CELL_ERROR"]


async def test_a_bundles_bad_entries_cost_no_good_one(service: httpx.AsyncClient) -> None:
    raw = typed(
        sex="female",
        date_of_birth="1980-05-03",
        nationality="VN",
        date_given="2021-10-12",
        source_id=uuid.uuid4().hex[:12],
    )
    person = f"Patient/p-{raw.source_id}"
    bad: dict[str, Any] = {
        "CONTROL_CHARACTER": {"lotNumber": "FK\x000049"},
        "WRONG_SHAPE": {"lotNumber": {"value": "FK0049"}},
        "PATIENT_NOT_IN_BUNDLE": {"patient": {"reference": "Patient/nobody"}},
        "NOT_DONE": {"status": "not-done"},
        "DATE_GIVEN_UNREADABLE": {"occurrenceDateTime": "2021-10"},
    }
    deep = b'{"resource": ' + b'{"contained": [' * 20_000 + b"]}" * 20_000 + b"}"
    entries = [entry(immunization(raw, person, **changed)) for changed in bad.values()]
    body = bundle([*entries, 7, "deep", *entries_of(raw)]).replace(b'"deep"', deep)
    batch = (await post(service, body, FHIR)).json()
    assert (batch["received"], batch["accepted"], batch["rejected"]) == (8, 1, 7)
    rows = (await service.get(batch["links"]["rows"], params={"state": "rejected"})).json()["items"]
    assert [(row["row"], row["errors"][0]["code"]) for row in rows] == [
        *enumerate([*bad, "NOT_A_RESOURCE", "NOT_READABLE"], 1)
    ]
    assert all(error["message"] and error["message_en"] for row in rows for error in row["errors"])
    assert len((await service.get(batch["links"]["rows_csv"])).text.strip().splitlines()) == 9


@pytest.mark.parametrize(
    "code",
    ["HC1:", "HC1:6BF", "no code", "HC1:" + "A" * 4000, "HC1:6BFOXN%TSMAHN-H6SKJPT.-7G2TZ978"],
)
async def test_a_code_that_is_none_is_not_valid_and_says_why(
    with_made_up_people: System, code: str
) -> None:
    async with with_made_up_people.client(None) as anybody:
        answer = await anybody.post("/signer/v1/verify", json={"qr": code})
        assert answer.status_code == 200, answer.text
        assert answer.json()["valid"] is False
