import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from services.signer.hcert.cose import Algorithm
from services.signer.hcert.trust_list import TrustList
from services.signer.keys.files import open_key_folder
from services.signer.keys.port import KeyUnavailableError

NOW = datetime(2022, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_keys_are_made_on_first_start_and_found_again(algorithm: Algorithm, tmp_path: Path) -> None:
    first = open_key_folder(tmp_path, algorithm, "VN", "test", NOW)
    again = open_key_folder(tmp_path, algorithm, "VN", "test", NOW + timedelta(days=100))
    assert first.active.envelope.kid == again.active.envelope.kid
    assert again.active.envelope.algorithm is algorithm
    assert isinstance(again.active.public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)


def test_production_refuses_keys_in_files_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailableError, match="production"):
        open_key_folder(tmp_path / "keys", Algorithm.ES256, "VN", "production", NOW)
    assert not (tmp_path / "keys").exists()


def test_root_and_signer_are_what_the_specification_asks_for(tmp_path: Path) -> None:
    ring = open_key_folder(tmp_path, Algorithm.ES256, "VN", "test", NOW)
    root, signer = ring.roots[0], ring.active.certificate
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert root.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert (root.not_valid_after_utc - root.not_valid_before_utc).days == 4 * 365
    usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    named = signer.extensions.get_extension_for_class(
        x509.AuthorityKeyIdentifier
    ).value.key_identifier
    assert named == root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert signer.subject.rfc4514_string().endswith("C=VN")
    assert (signer.not_valid_after_utc - signer.not_valid_before_utc).days == 2 * 365
    signer.verify_directly_issued_by(root)
    assert ring.active.envelope.kid == sha256(signer.public_bytes(Encoding.DER)).digest()[:8]
    (trusted,) = TrustList.of([signer])
    assert trusted.usage == {"v"}


def test_a_key_is_used_for_half_a_year_and_its_certificates_stay_readable(tmp_path: Path) -> None:
    old = open_key_folder(tmp_path, Algorithm.ES256, "VN", "test", NOW)
    new = open_key_folder(tmp_path, Algorithm.ES256, "VN", "test", NOW + timedelta(days=183))
    assert new.active.envelope.kid != old.active.envelope.kid
    assert new.envelope(old.active.envelope.kid).kid == old.active.envelope.kid
    assert len(new.roots) == 1
    latest = open_key_folder(tmp_path, Algorithm.ES256, "VN", "test", NOW + timedelta(days=366))
    assert len(latest.roots) == 2


def test_many_processes_on_one_new_folder_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(
            pool.map(
                lambda _: open_key_folder(tmp_path, Algorithm.ES256, "VN", "test", NOW), range(8)
            )
        )
    assert len({ring.active.envelope.kid for ring in rings}) == 1
    assert len(list(tmp_path.glob("*.pem"))) == 2


def test_only_the_owner_reads_a_key(tmp_path: Path) -> None:
    open_key_folder(tmp_path / "keys", Algorithm.ES256, "VN", "test", NOW)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "keys").glob("*.pem")} == {
        0o600
    }


def test_a_file_with_another_keys_certificate_is_refused_by_name(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        open_key_folder(tmp_path / folder, Algorithm.ES256, "VN", "test", NOW)
    (one,), (other,) = (list((tmp_path / folder).glob("dsc-*.pem")) for folder in ("one", "other"))
    mixed = (
        one.read_text().split("-----BEGIN CERT")[0]
        + "-----BEGIN CERT"
        + other.read_text().split("-----BEGIN CERT")[1]
    )
    one.write_text(mixed)
    with pytest.raises(KeyUnavailableError, match=one.name):
        open_key_folder(tmp_path / "one", Algorithm.ES256, "VN", "test", NOW)
    one.write_text("nothing")
    with pytest.raises(KeyUnavailableError, match=one.name):
        open_key_folder(tmp_path / "one", Algorithm.ES256, "VN", "test", NOW)
