"""Golden samples: one event of each topic about the same made-up people, with a dose for every
grade.

What is typed and who is registered is made up; how each dose is graded is the verifier's own
decision.
"""

from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from contracts.acceptance import Proof
from contracts.case_states import AcceptanceRefusal
from contracts.events import (
    AcceptedSuggestion,
    CasesChanged,
    CertificatesIssued,
    ChangedCase,
    DoseFacts,
    DosesRecheck,
    DosesRecorded,
    DosesVerified,
    DosesWithdrawn,
    IssuedDose,
    LookupsUnanswered,
    Person,
    RecheckedDose,
    RecordedDose,
    RefusedAcceptance,
    RefusedDose,
    ShownCard,
    SuggestionsAccepted,
    UnansweredLookup,
    WithdrawnDose,
)
from contracts.identity.policy import ALGORITHM
from contracts.registry import Person as Registered
from contracts.topics import (
    ACCEPTED,
    CASES,
    ISSUED,
    RECHECK,
    RECORDED,
    UNANSWERED,
    VERIFIED,
    WITHDRAWN,
)
from contracts.uvci import SERIAL_BYTES, mint
from deploy.accuracy.measure import settle
from deploy.accuracy.registry import Registry
from services.verifier.verify_doses import verified_dose

_BATCH = 12
_FACTS = DoseFacts(
    product="comirnaty",
    lot="FK0112",
    dose_number=2,
    dose_kind="primary",
    date_given=date(2021, 11, 2),
)
_CHILDS = DoseFacts(
    product="comirnaty",
    lot="FP0031",
    dose_number=1,
    dose_kind="primary",
    date_given=date(2022, 3, 9),
)
_HOME: Any = {"province_code": "01", "district_code": "012", "commune_code": "00337"}

_REGISTERED = (
    Registered("001188000017", "Lê Thị Mẫu", "1988-03-05", "female", **_HOME),
    Registered("001050000026", "Trần Văn Thử", "1950", "male", **_HOME),
    Registered("001175000038", "Vũ Thị Ví Dụ", "1975-10-20", "female", **_HOME),
    Registered("001041000049", "Đặng Văn Nháp", "1941-01-30", "male", status="died", **_HOME),
    Registered("001092000051", "Hoàng Văn Kiểm", "1992-07-14", "male", **_HOME),
    Registered("001079000074", "Ngô Văn Thiếu", "1979-08-17", "male", **_HOME),
)


def _typed(full_name: str, birth: str, sex: Any, personal_id: str) -> Person:
    return Person(
        full_name=full_name,
        date_of_birth=birth,
        date_precision="day",
        sex=sex,
        personal_id=personal_id,
        **_HOME,
    )


_TYPED = (
    _typed("Lê Thị Mẫu", "1988-03-05", "female", "001188000017"),
    Person(
        full_name="TRAN VAN THU",
        date_of_birth="1950",
        date_precision="year",
        sex="male",
        personal_id="1050000026",
        **_HOME,
    ),
    Person(
        full_name="Phạm Minh Dụ",
        date_of_birth="30/02/1991",
        date_precision="impossible",
        personal_id="không có",
        **_HOME,
    ),
    Person(
        full_name="Jane Sample",
        date_of_birth="2018-12-24",
        date_precision="day",
        sex="female",
        passport_number="X40271860",
        nationality="GB",
    ),
    _typed("VŨ THỊ VÍ DỤ", "1975-10-20", "female", "001175000038"),
    _typed("Đặng Văn Nháp", "1941-01-30", "male", "001041000049"),
    _typed("Bùi Thị Khác", "1966-04-09", "female", "001092000051"),
    _typed("Phan Thị Vắng", "1983-12-02", "female", "001183000063"),
    _typed("Ngô Văn Thiếu", "1979-08-17", "male", ""),
)
_RECORDED = DosesRecorded(
    batch_id=_BATCH,
    doses=[
        RecordedDose(
            dose_id=dose_id,
            version=1,
            source_id=f"01001-{dose_id:07}",
            facility_code="01001",
            person=person,
            facts=_FACTS if person.nationality == "VN" else _CHILDS,
        )
        for dose_id, person in enumerate(_TYPED, 101)
    ],
)


def _verified() -> DosesVerified:
    registry = Registry(_REGISTERED)
    return DosesVerified(
        batch_id=_BATCH,
        algorithm=ALGORITHM,
        registry_time=datetime(2022, 4, 1, 8, 0, tzinfo=UTC),
        doses=[verified_dose(dose, settle(dose.person, registry)[0]) for dose in _RECORDED.doses],
    )


_ISSUED = CertificatesIssued(
    kid="AAECAwQFBgc=",
    issued_at=datetime(2022, 4, 1, 8, 0, 5, tzinfo=UTC),
    expires_at=datetime(2023, 4, 1, 8, 0, 5, tzinfo=UTC),
    certificates=[
        IssuedDose(dose_id=dose_id, version=1, uvci=mint(bytes([dose_id]) * SERIAL_BYTES))
        for dose_id in (101, 102, 105)
    ],
    refused=[RefusedDose(dose_id=104, version=1, code="TOO_YOUNG")],
)
_WITHDRAWN = DosesWithdrawn(
    doses=[WithdrawnDose(dose_id=101, version=2, reason="entered in error")]
)
_RECHECK = DosesRecheck(
    doses=[
        RecheckedDose(dose_id=102, version=1, reason="registry changed"),
        RecheckedDose(dose_id=106, version=1, reason="case decided"),
    ]
)
_UNANSWERED = LookupsUnanswered(
    lookups=[
        UnansweredLookup(
            full_name="Bùi Thị Khác",
            date_of_birth="09/04/1966",
            sex="female",
            personal_id="001092000051",
            last_dose_date=date(2021, 11, 2),
            email="khac@example.vn",
        )
    ]
)
_ACCEPTED = SuggestionsAccepted(
    suggestions=[
        AcceptedSuggestion(
            dose_id=109,
            version=1,
            personal_id="001079000074",
            proof=Proof.CARD,
            role="station",
            accepted_by="station-00337",
            at=datetime(2022, 4, 1, 9, 0, tzinfo=UTC),
            card=ShownCard("001079000074", "Ngô Văn Thiếu", "1979-08-17"),
        )
    ]
)
_CASES = CasesChanged(
    cases=[
        ChangedCase(
            dose_id=107,
            version=1,
            step=1,
            state="asked_for_papers",
            act="papers_asked",
            waiting_for="station",
            since=datetime(2022, 4, 1, 10, 0, tzinfo=UTC),
        )
    ],
    refused=[
        RefusedAcceptance(
            dose_id=109,
            version=1,
            at=datetime(2022, 4, 1, 9, 0, tzinfo=UTC),
            code=AcceptanceRefusal.REGISTRY_CHANGED,
        )
    ],
)


def samples() -> dict[str, BaseModel]:
    """One event of each topic, by the topic's name."""
    return {
        RECORDED.name: _RECORDED,
        VERIFIED.name: _verified(),
        ISSUED.name: _ISSUED,
        WITHDRAWN.name: _WITHDRAWN,
        RECHECK.name: _RECHECK,
        UNANSWERED.name: _UNANSWERED,
        ACCEPTED.name: _ACCEPTED,
        CASES.name: _CASES,
    }
