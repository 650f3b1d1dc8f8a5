"""Letters that nobody sees are shown to people, and what was typed stays as it is."""

import csv
import io

from contracts.access import Role
from contracts.words import Grade, Reason
from services.records.uploads.formats.columns import HEADERS
from tests.integration.records.conftest import Records
from tests.support.files import csv_file, typed

# reading drops most signs that nobody sees; these are letters by their category, and stay
NAME = "Nguyễn\u3164 Thị\u115f Hoà"
MARKED = "Nguyễn⟦U+3164⟧ Thị⟦U+115F⟧ Hoà"
TURNED = "Nguyễn\u202e Thị\u200b Hoà"


async def test_a_dose_says_which_fields_hold_such_letters_and_shows_them_marked(
    records: Records,
) -> None:
    await records.record([typed(source_id="a", full_name=NAME), typed(2, source_id="b")])
    await records.judge({"a": (Grade.MISMATCH, [Reason.NAME_DIFFERS])})
    officer = records.caller(Role.POLICE, areas=["68"])
    for dose in (
        await officer.get("/doses/1"),
        (await officer.get("/worklist"))["items"][0]["dose"],
    ):
        assert dose["person"]["full_name"] == NAME
        assert dose["hidden_characters"] == {"full_name": MARKED}
    assert (await officer.get("/doses/2"))["hidden_characters"] == {}


async def test_a_file_names_such_cells_and_comes_back_unchanged(records: Records) -> None:
    clinic = records.caller(Role.FACILITY, facility="68001")
    sent = csv_file([typed(full_name=NAME), typed(2, full_name=TURNED, lot="!")])
    batch = await clinic.upload(sent)
    path = f"/batches/{batch['batch_id']}/rows.csv"
    content = (await clinic.ask("GET", path)).content
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    for line, name in zip(lines, (NAME, TURNED), strict=True):
        assert line[HEADERS["full_name"]] == name
        assert "ký tự ẩn" in line["Lỗi"]
        assert HEADERS["full_name"] in line["Lỗi"]
    back = await clinic.upload(content)
    assert (back["unchanged"], back["corrected"], back["rejected"]) == (1, 0, 1)


async def test_a_mark_that_is_sent_back_is_no_data(records: Records) -> None:
    await records.record([typed(full_name=NAME)])
    body = {"reason": "copied", "person": {"full_name": MARKED}}
    refused = await records.caller(Role.SERVICE).ask("PATCH", "/doses/1", json=body)
    assert refused.status_code == 422
    assert [one["code"] for one in refused.json()["errors"]] == ["HIDDEN_MARKED"]
    batch = await records.caller(Role.SERVICE).upload(csv_file([typed(9, full_name=MARKED)]))
    assert batch["rejected"] == 1


async def test_what_a_citizen_wrote_is_marked_for_its_office(records: Records) -> None:
    complaint = {"kind": "missing_dose", "text": "Thiếu\u202e mũi 2\nHà Nội", "province_code": "68"}
    sent = await records.caller(Role.CITIZEN, personal_id="068180000001").ask(
        "POST", "/complaints", json=complaint
    )
    path = f"/complaints/{sent.json()['complaint_id']}"
    opened = await records.caller(Role.PROVINCE, areas=["68"]).get(path)
    assert opened["text"] == "Thiếu⟦U+202E⟧ mũi 2\nHà Nội"
