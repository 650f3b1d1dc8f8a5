"""An issuer of each algorithm, and certificates of one person signed by it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contracts.events import DoseFacts, RegistryPerson, VerifiedDose
from contracts.uvci import SERIAL_BYTES
from contracts.words import Grade
from services.signer.domain.claims import Profile, draft_certificates
from services.signer.hcert.cose import Algorithm, check_signatures, claims_encoder
from services.signer.hcert.hc1 import render
from services.signer.hcert.trust_list import TrustList
from services.signer.issuance.service import sign
from services.signer.keys.files import open_key_folder
from services.signer.keys.ring import KeyRing

PERSON = RegistryPerson(
    personal_id="068180000001", full_name="Nguyễn Thị Hòa", date_of_birth="1980-05-03", sex="female"
)
FACTS = DoseFacts(
    product="comirnaty",
    lot="FK0112",
    dose_number=1,
    dose_kind="primary",
    date_given=date(2021, 7, 1),
)
NOW = datetime.now(UTC).replace(microsecond=0)
_SERIAL = bytes(SERIAL_BYTES)


@dataclass(frozen=True)
class Issuer:
    """Keys, and the signed code of a dose."""

    ring: KeyRing

    @property
    def trust(self) -> TrustList:
        return TrustList.of([self.ring.active.certificate])

    def certify(
        self,
        person: RegistryPerson = PERSON,
        facts: DoseFacts = FACTS,
        *,
        serial: bytes = bytes(SERIAL_BYTES),
        now: datetime = NOW,
        months: int = 12,
    ) -> str:
        """The text of the QR code of one dose."""
        dose = VerifiedDose(dose_id=1, version=1, grade=Grade.EXACT, person=person, facts=facts)
        signer = self.ring.active
        profile = Profile(validity_months=months)
        chunk = draft_certificates([dose], now, [serial], signer.window, profile)
        assert not chunk.refused, chunk.refused
        claims = [claims_encoder()(draft.claims) for draft in chunk.drafts]
        signatures = sign(signer, claims)
        check_signatures(signer.public_key, signer.envelope, claims, signatures)
        return render(signer.envelope, claims[0], signatures[0])


def _issuer(folder: Path, algorithm: Algorithm) -> Issuer:
    return Issuer(open_key_folder(folder, algorithm, "VN", "test", NOW))


@pytest.fixture(scope="session", params=list(Algorithm), ids=lambda algorithm: algorithm.name)
def issuer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """An issuer of each algorithm in turn."""
    return _issuer(tmp_path_factory.mktemp("keys"), request.param)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Another issuer, with keys of its own."""
    return _issuer(tmp_path_factory.mktemp("stranger"), Algorithm.ES256)
