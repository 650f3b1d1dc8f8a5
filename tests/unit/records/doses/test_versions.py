"""A version of a dose is told by the event's own JSON, and stored so that it opens as it was
typed.
"""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.events import DosesRecorded, RecordedDose
from contracts.ids import BatchId, DoseId
from contracts.words import Doubt
from services.chassis.encryption import Sealer
from services.records.domain.dose import ValidDose
from services.records.domain.doubts import with_doubts
from services.records.domain.parse_row import parse_row
from services.records.doses.store import DoseRow
from services.records.doses.versions import NewVersion, doubts_of, new_version, recorded_event
from tests.support.files import typed

SEALER = Sealer([b"k" * 32], b"i" * 32)
DOSE, BATCH = DoseId(41), BatchId(7)
# what a cell may hold: no control character but those of C1, nothing broken
cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x7f\ufffd", min_codepoint=32),
    min_size=1,
    max_size=30,
)
special = st.sampled_from(['"', "\\", '\\"', 'Vũ "Bé" An', "C:\\x", "/", "\u2028", "\x85", "😀"])
texts = cells | special


def dose(**fields: Any) -> ValidDose | None:
    return parse_row(typed(**fields), today=date(2022, 6, 1), facilities=None).dose


def event(dose_id: int, version: int, found: ValidDose) -> DosesRecorded:
    told = RecordedDose(
        dose_id,
        version,
        found.source_id,
        found.facility_code,
        found.person,
        found.facts,
        found.doubts,
    )
    return DosesRecorded(batch_id=7, doses=[told])


def serialized(event: DosesRecorded) -> bytes:
    # doubts are rare, so an event without any does not name them
    left_out = {"doses": {at: {"doubts"} for at, dose in enumerate(event.doses) if not dose.doubts}}
    return event.model_dump_json(exclude=left_out).encode()


@given(texts, texts, texts, texts, texts)
def test_the_event_is_what_its_own_serializer_writes(
    source_id: str, name: str, number: str, passport: str, phone: str
) -> None:
    found = dose(
        source_id=source_id,
        full_name=name,
        personal_id=number,
        passport_number=passport,
        phone=phone,
    )
    assume(found is not None)
    assert found is not None
    made = new_version(SEALER, DOSE, 3, BATCH, 5, found)
    assert recorded_event(BATCH, [made]) == serialized(event(41, 3, found))
    assert opened(made) == {"phone": found.phone, **asdict(found.person)}


@pytest.mark.parametrize(
    "fields",
    [
        {"sex": "", "nationality": "FR", "personal_id": "P1"}, {"sex": "Nam", "commune_code": "",
        "district_code": ""},
        {"date_of_birth": "30/02/1950"}, {"date_of_birth": "30\x85/ 02/1950"},
        {"date_of_birth": ""}, {"date_of_birth": "05/1950"},
    ],
)  # fmt: skip
def test_whatever_was_typed_the_event_is_its_serializers(fields: dict[str, Any]) -> None:
    found = dose(**fields)
    assert found is not None
    assert recorded_event(BATCH, [new_version(SEALER, DOSE, 1, BATCH, 5, found)]) == serialized(
        event(41, 1, found)
    )


def test_doubts_are_told_and_kept_and_are_part_of_the_content() -> None:
    found = dose()
    assert found is not None
    held = with_doubts(found, (Doubt.SECOND_HAND, Doubt.PATIENT_REPLACED))
    made = new_version(SEALER, DOSE, 1, BATCH, 5, held)
    assert recorded_event(BATCH, [made]) == serialized(event(41, 1, held))
    assert doubts_of(made.row) == held.doubts
    assert with_doubts(found, ()) == found
    less_doubted = with_doubts(found, (Doubt.SECOND_HAND,))
    assert len({found.content, held.content, less_doubted.content}) == 3


def test_several_versions_are_one_event() -> None:
    found = dose()
    assert found is not None
    read = DosesRecorded.model_validate_json(
        recorded_event(
            BATCH,
            [new_version(SEALER, DoseId(n), 1, BATCH, n, found) for n in (1, 2, 3)],
        )
    )
    assert [(one.dose_id, one.person) for one in read.doses] == [
        (number, found.person) for number in (1, 2, 3)
    ]


def test_a_row_has_every_value_in_its_column() -> None:
    found = dose(personal_id="", passport_number="")
    assert found is not None
    row = new_version(SEALER, DOSE, 3, BATCH, 5, found).row
    identity = SEALER.blind("1980-05-03|24769|nguyễnthịvídụ")
    assert row == DoseRow(
        id=DOSE, facility_code="68001", source_id="68001-0000001", version=3, batch_id=BATCH, row=5,
        digest=found.content, province_code="68",
        district_code="672", commune_code="24769", product="vaxzevria", lot="ABV-0041",
        dose_number=2, dose_kind="primary",
        date_given=date(2021, 10, 12), person=row.person, birth_year=1980, identity=identity,
        namesake=SEALER.blind("namesake:du nguyen thi vi|1980-05-03"),
    )  # fmt: skip


def opened(version: NewVersion) -> object:
    return json.loads(SEALER.unseal(version.row.person, b"dose:41"))
