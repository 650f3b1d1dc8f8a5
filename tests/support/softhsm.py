"""A PKCS#11 token in software (SoftHSM2) for one test, where its library is; in CI it must be."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from services.signer.hcert.cose import Algorithm
from services.signer.keys.__main__ import run
from services.signer.keys.certify import certify_root, certify_signer, new_key
from services.signer.keys.pairs import KeyPair
from services.signer.settings import KeysSettings

_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
PIN, OFFICER_PIN = "4711471147", "0815081508"


@dataclass(frozen=True, slots=True)
class TestToken:
    """A token with its PIN in a file, and the CSCA (outside of it) that certifies its keys."""

    __test__ = False

    cfg: KeysSettings
    folder: Path
    root: KeyPair

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to use it."""
        return {
            "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf"),
            "KEYS_MODULE": str(self.cfg.module),
            "KEYS_TOKEN": self.cfg.token,
            "KEYS_PIN_FILE": str(self.cfg.pin_file),
            "KEYS_DIR": str(self.cfg.dir),
        }

    def add_key(self, now: datetime, algorithm: Algorithm = Algorithm.ES256) -> str:
        """What an operator does for a new key that begins at `now`: make, csr, certify, import;
        answers its kid in hex.
        """
        cfg = self.cfg.model_copy(update={"algorithm": algorithm.name})
        request = x509.load_pem_x509_csr(run(["csr", run(["make"], cfg, now)], cfg, now).encode())
        assert request.is_signature_valid
        public_key = request.public_key()
        assert isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        return self.add(
            certify_signer(public_key, self.root.key, self.root.certificate, "test", now), now
        )

    def add(self, certificate: x509.Certificate, now: datetime) -> str:
        """Imports a certificate."""
        file = self.folder / "certificate.crt"
        file.write_bytes(certificate.public_bytes(Encoding.PEM))
        return run(["import", str(file)], self.cfg, now)


def softhsm_library() -> Path:
    """The library; skips the test where it is missing, and fails it in CI."""
    found = next((Path(place) for place in _PLACES if Path(place).exists()), None)
    if found is None:
        reason = "a PKCS#11 token needs SoftHSM2 (on Debian: apt-get install softhsm2)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def make_token(folder: Path, now: datetime) -> TestToken:
    """A new token without keys, which knows its CSCA; SOFTHSM2_CONF must name
    `folder`/softhsm2.conf.
    """
    library = softhsm_library()
    (folder / "tokens").mkdir(parents=True)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n"
    )
    (folder / "pin").write_text(f"{PIN}\n")
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "hochieu",
        "--pin",
        PIN,
        "--so-pin",
        OFFICER_PIN,
    ]
    subprocess.run(
        command,
        env={**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf")},
        check=True,
        capture_output=True,
    )
    key = new_key(Algorithm.ES256)
    token = TestToken(
        KeysSettings(module=library, pin_file=folder / "pin", dir=folder / "certificates"),
        folder,
        KeyPair(key, certify_root(key, "VN", "test", now)),
    )
    token.add(token.root.certificate, now)
    return token


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that SoftHSM2 in this process keeps its tokens in."""
    softhsm_library()
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "hsm" / "softhsm2.conf"))
    yield tmp_path / "hsm"
