"""Golden samples: one event of each topic about the same made-up people, with a dose for every kind of outcome."""

from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from contracts.events import (
    AttributeName,
    AttributeResult,
    CertificatesIssued,
    DoseFacts,
    DosesRecheck,
    DosesRecorded,
    DosesVerified,
    DosesWithdrawn,
    IssuedDose,
    Person,
    RecheckedDose,
    RecordedDose,
    RefusedDose,
    RegistryPerson,
    VerifiedDose,
    WithdrawnDose,
)
from contracts.topics import ISSUED, RECHECK, RECORDED, VERIFIED, WITHDRAWN
from contracts.words import Grade, Reason, Result
from services.signer.domain.uvci import SERIAL_BYTES, mint

_BATCH = 12
_FACTS = DoseFacts(product="comirnaty", lot="FK0112", dose_number=2, dose_kind="primary", date_given=date(2021, 11, 2))
_CHILDS = DoseFacts(product="comirnaty", lot="FP0031", dose_number=1, dose_kind="primary", date_given=date(2022, 3, 9))
_HOME: Any = {"province_code": "01", "district_code": "012", "commune_code": "00337"}

_TYPED = (
    Person(full_name="Lê Thị Mẫu", date_of_birth="1988-03-05", date_precision="day", sex="female", personal_id="001188000017", **_HOME),
    Person(full_name="TRAN VAN THU", date_of_birth="1950", date_precision="year", sex="male", personal_id="1050000026", **_HOME),
    Person(full_name="Phạm Minh Dụ", date_of_birth="30/02/1991", date_precision="impossible", personal_id="không có", **_HOME),
    Person(
        full_name="Jane Sample",
        date_of_birth="2018-12-24",
        date_precision="day",
        sex="female",
        passport_number="X00000000",
        nationality="GB",
    ),
)
_RECORDED = DosesRecorded(
    batch_id=_BATCH,
    doses=[
        RecordedDose(dose_id=n, version=1, source_id=f"01001-{n:07}", facility_code="01001", person=person, facts=facts)
        for n, (person, facts) in enumerate(zip(_TYPED, (_FACTS, _FACTS, _FACTS, _CHILDS), strict=True), 101)
    ],
)


def _said(*results: tuple[AttributeName, Result, Reason | None]) -> tuple[AttributeResult, ...]:
    return tuple(AttributeResult(*result) for result in results)


_VERIFIED = DosesVerified(
    batch_id=_BATCH,
    algorithm="1",
    registry_time=datetime(2022, 4, 1, 8, 0, tzinfo=UTC),
    doses=[
        VerifiedDose(
            dose_id=101,
            version=1,
            grade=Grade.EXACT,
            attributes=_said(
                ("personal_id", Result.MATCH, None),
                ("full_name", Result.MATCH, None),
                ("date_of_birth", Result.MATCH, None),
                ("sex", Result.MATCH, None),
            ),
            person=RegistryPerson(personal_id="001188000017", full_name="Lê Thị Mẫu", date_of_birth="1988-03-05", sex="female"),
            facts=_FACTS,
        ),
        VerifiedDose(
            dose_id=102,
            version=1,
            grade=Grade.REPAIRED,
            attributes=_said(
                ("personal_id", Result.PARTIAL, Reason.ID_LEADING_ZERO_LOST),
                ("full_name", Result.PARTIAL, Reason.DIACRITICS_MISSING),
                ("date_of_birth", Result.MATCH, None),
                ("sex", Result.MATCH, None),
            ),
            person=RegistryPerson(personal_id="001050000026", full_name="Trần Văn Thử", date_of_birth="1950", sex="male"),
            facts=_FACTS,
        ),
        VerifiedDose(
            dose_id=103,
            version=1,
            grade=Grade.MISSING_ID,
            attributes=_said(
                ("personal_id", Result.ABSENT_IN_REQUEST, Reason.ID_IS_TEXT),
                ("date_of_birth", Result.MISMATCH, Reason.DATE_IMPOSSIBLE),
                ("sex", Result.ABSENT_IN_REQUEST, Reason.SEX_MISSING),
            ),
        ),
        VerifiedDose(
            dose_id=104,
            version=1,
            grade=Grade.EXEMPT,
            person=RegistryPerson(
                passport_number="X00000000", full_name="Jane Sample", date_of_birth="2018-12-24", sex="female", nationality="GB"
            ),
            facts=_CHILDS,
        ),
    ],
)
_ISSUED = CertificatesIssued(
    kid="AAECAwQFBgc=",
    issued_at=datetime(2022, 4, 1, 8, 0, 5, tzinfo=UTC),
    expires_at=datetime(2023, 4, 1, 8, 0, 5, tzinfo=UTC),
    certificates=[IssuedDose(dose_id=dose_id, version=1, uvci=mint(bytes([dose_id]) * SERIAL_BYTES)) for dose_id in (101, 102)],
    refused=[RefusedDose(dose_id=104, version=1, code="TOO_YOUNG")],
)
_WITHDRAWN = DosesWithdrawn(doses=[WithdrawnDose(dose_id=101, version=2, reason="entered in error")])
_RECHECK = DosesRecheck(
    doses=[
        RecheckedDose(dose_id=102, version=1, reason="registry changed"),
        RecheckedDose(dose_id=103, version=1, reason="case decided"),
    ]
)


def samples() -> dict[str, BaseModel]:
    """One event of each topic, by the topic's name."""
    return {RECORDED.name: _RECORDED, VERIFIED.name: _VERIFIED, ISSUED.name: _ISSUED, WITHDRAWN.name: _WITHDRAWN, RECHECK.name: _RECHECK}
