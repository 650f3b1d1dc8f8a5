"""A file may hold NUL and halves of surrogate pairs in any of its cells: its rows are answered, and
what was stored can be read again.
"""

import json
from typing import Any

import httpx
import pytest

from tests.support.stack import System

_FIELDS = {
    "record_code": "79099-0000001",
    "full_name": "Trần Văn Nam",
    "date_of_birth": "1990-05-04",
    "sex": "male",
    "personal_id": "079090123456",
    "phone": "0901234567",
    "nationality": "VN",
    "province_code": "79",
    "district_code": "760",
    "commune_code": "26740",
    "dose_number": "1",
    "dose_kind": "primary",
    "product": "Comirnaty",
    "lot": "FP0016",
    "date_given": "2022-03-01",
    "facility_code": "79099",
}
_ODD = ("\0", "\ud800", "\udfff", "a\0b", "\ud83d", "\ufffe", "\U0010ffff")


def _doses() -> list[dict[str, Any]]:
    """One dose for each field and odd text, as a value and as a name."""
    doses: list[dict[str, Any]] = []
    for text in _ODD:
        for field in _FIELDS:
            doses.append({**_FIELDS, field: text})
            doses.append({**_FIELDS, field: _FIELDS[field] + text})
        doses.append({**_FIELDS, text: "x"})
    return [{**dose, "record_code": f"79099-{at:07}"} if at % 3 else dose
            for at, dose in enumerate(doses)]  # fmt: skip


def _csv(encoding: str) -> bytes:
    rows = [",".join(_FIELDS), *(",".join(map(str, dose.values())) for dose in _doses())]
    return "\n".join(rows).encode(encoding, "surrogatepass")


def _bundle() -> bytes:
    def patient(text: str) -> dict[str, Any]:
        name = [{"text": text}]
        return {"resource": {"resourceType": "Patient", "id": text, "name": name}, "fullUrl": text}

    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [*map(patient, _ODD), *_ODD]}
    ).encode()


_FILES = {
    "json": ("application/json", json.dumps({"doses": _doses()}).encode()),
    "ndjson": ("application/x-ndjson", b"\n".join(json.dumps(d).encode() for d in _doses())),
    "raw ndjson": (
        "application/x-ndjson",
        "\n".join(json.dumps(d, ensure_ascii=False) for d in _doses()).encode(
            "utf-8", "surrogatepass"
        ),
    ),
    "fhir": ("application/fhir+json", _bundle()),
    "csv": ("text/csv", _csv("utf-8")),
    "utf-16": ("text/csv", _csv("utf-16")),
    "nothing but NUL": ("text/csv", b"\0" * 10_000),
}


@pytest.mark.parametrize("kind", _FILES)
async def test_whatever_stands_in_a_file_the_fault_is_never_ours(target: System, kind: str) -> None:
    media_type, content = _FILES[kind]
    async with target.client() as client:
        answer = await client.post(
            "/records/v1/batches", content=content, headers={"Content-Type": media_type}
        )
        assert answer.status_code < 500, answer.text
        if answer.status_code == 202:
            await _read_again(client, answer.json())


async def _read_again(client: httpx.AsyncClient, created: dict[str, Any]) -> None:
    assert created["received"] == created["accepted"] + created["rejected"]
    for link in created["links"].values():
        if link is not None:
            answer = await client.get(link)
            assert answer.status_code == 200, (link, answer.text)
