"""An independent verifier in JavaScript, installed from its lock file on first use, where Node.js
and npm are; in CI they must be.
"""

import fcntl
import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.signer.hcert.cose import kid_of
from tests.support.paths import ROOT

_SOURCE = ROOT / "tests" / "js"
_INSTALLED = ROOT / "build" / "js"
_MARK = "installed"
_INSTALL_S, _VERIFY_S = 300, 120


@dataclass(frozen=True, slots=True)
class Judged:
    """What the verifier says of one code."""

    valid: bool
    reason: str | None
    type: str | None
    payload: dict[str, Any] | None


def judge(certificates: Sequence[x509.Certificate], codes: Sequence[str]) -> list[Judged]:
    """Its answers on the texts of QR codes, where these certificates' keys are trusted; skips the
    test where it cannot run.
    """
    asked = json.dumps(
        {"keys": [_key(certificate) for certificate in certificates], "codes": list(codes)}
    )
    run = subprocess.run(
        ["node", "verify.js"],
        cwd=_installed(),
        input=asked,
        capture_output=True,
        text=True,
        check=False,
        timeout=_VERIFY_S,
    )
    assert run.returncode == 0, run.stderr
    return [Judged(**answer) for answer in json.loads(run.stdout)]


@cache
def _installed() -> Path:
    missing = [program for program in ("node", "npm") if shutil.which(program) is None]
    if missing:
        _unavailable(f"the JavaScript verifier needs {' and '.join(missing)}")
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    with (_INSTALLED / ".lock").open("a") as lock:  # several test processes may come here at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()
    return _INSTALLED


def _install() -> None:
    wanted = b"".join(
        (_SOURCE / name).read_bytes() for name in ("package.json", "package-lock.json")
    )
    for file in ("package.json", "package-lock.json", ".npmrc", "verify.js"):
        shutil.copyfile(_SOURCE / file, _INSTALLED / file)
    mark = _INSTALLED / _MARK
    if not mark.exists() or mark.read_bytes() != wanted:
        run = subprocess.run(
            ["npm", "ci", "--loglevel=error"],
            cwd=_INSTALLED,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_S,
        )
        if run.returncode:
            _unavailable(
                f"the JavaScript verifier could not be installed: {run.stderr.strip()[-300:]}"
            )
        mark.write_bytes(wanted)


def _unavailable(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _key(certificate: x509.Certificate) -> dict[str, str]:
    """A trusted key as the verifier takes it: x and y of an elliptic curve, PEM of an RSA key."""
    key = certificate.public_key()
    named = {"kid": b64encode(kid_of(certificate)).decode(), "country": "VN"}
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        coordinates = {
            name: b64encode(value.to_bytes(32, "big")).decode()
            for name, value in (("x", point.x), ("y", point.y))
        }
        return {**named, **coordinates}
    return {
        **named,
        "pem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    }
