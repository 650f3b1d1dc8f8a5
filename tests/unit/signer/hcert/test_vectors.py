"""The public test certificates of other countries: our verifier finds of each what its authors say
should be found.
"""

import json
from base64 import b64decode
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from services.signer.hcert import base45, hc1
from services.signer.hcert.trust_list import TrustedKey, TrustList
from services.signer.hcert.verify import HcertStep, verify
from services.signer.pictures.scanned_codes import read_codes
from tests.support.paths import SHARED, needs_shared

VECTORS = sorted((SHARED / "dcc" / "vectors").glob("*.json"))
STEP_OF = {
    "EXPECTEDUNPREFIX": HcertStep.PREFIX,
    "EXPECTEDB45DECODE": HcertStep.BASE45,
    "EXPECTEDCOMPRESSION": HcertStep.COMPRESSION,
    "EXPECTEDDECODE": HcertStep.COSE,
    "EXPECTEDVERIFY": HcertStep.SIGNATURE,
    "EXPECTEDEXPIRATIONCHECK": HcertStep.VALIDITY,
    "EXPECTEDSCHEMAVALIDATION": HcertStep.PAYLOAD,
}

each_vector = pytest.mark.parametrize("file", VECTORS, ids=lambda file: file.stem)


@cache
def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_bytes()))


def _key(vector: dict[str, Any]) -> TrustedKey:
    return TrustedKey.of(
        x509.load_der_x509_certificate(b64decode(vector["TESTCTX"]["CERTIFICATE"]))
    )


def _clock(vector: dict[str, Any]) -> datetime:
    told = datetime.fromisoformat(vector["TESTCTX"]["VALIDATIONCLOCK"])
    return told if told.tzinfo else told.replace(tzinfo=UTC)


@needs_shared
def test_every_vector_is_there() -> None:
    assert len(VECTORS) >= 120


@needs_shared
@each_vector
def test_every_step_finds_what_is_expected(file: Path) -> None:
    vector = _read(file)
    key = _key(vector)
    verdict = verify(vector["PREFIX"], TrustList([key]), _clock(vector))
    expected = {
        step: vector["EXPECTEDRESULTS"][name]
        for name, step in STEP_OF.items()
        if name in vector["EXPECTEDRESULTS"]
    }
    # a step that was not reached, because an earlier one failed, holds no more than one that failed
    assert {step: verdict.steps.get(step, False) for step in expected} == expected
    if "EXPECTEDKEYUSAGE" in vector["EXPECTEDRESULTS"]:
        # of the certificate that the vector brings, also where another key signed
        assert verdict.opened
        assert (verdict.opened.kind in key.usage) == vector["EXPECTEDRESULTS"]["EXPECTEDKEYUSAGE"]
        assert (
            verdict.steps.get(HcertStep.KEY_USAGE, True)
            or not vector["EXPECTEDRESULTS"]["EXPECTEDKEYUSAGE"]
        )
    if all(vector["EXPECTEDRESULTS"].values()) and HcertStep.SIGNATURE in expected:
        # one of them has its algorithm unprotected: what it says is genuine, and the standard asks
        # to refuse it
        assert verdict.code == (
            "ALGORITHM_UNPROTECTED" if file.stem == "common_2DCode_raw_CO20" else "VALID"
        )
    if False in vector["EXPECTEDRESULTS"].values():
        assert not verdict.valid or vector["EXPECTEDRESULTS"].get("EXPECTEDPICTUREDECODE") is False


def _with_picture() -> list[Path]:
    return [
        file
        for file in VECTORS
        if "2DCODE" in _read(file) and "EXPECTEDPICTUREDECODE" in _read(file)["EXPECTEDRESULTS"]
    ]


def _codes_in(picture: bytes) -> list[str]:
    try:
        return read_codes(picture)
    except ValueError:
        return []


@needs_shared
@pytest.mark.parametrize("file", _with_picture(), ids=lambda file: file.stem)
def test_the_code_is_read_from_the_picture_where_that_is_expected(file: Path) -> None:
    vector = _read(file)
    assert (vector["PREFIX"] in _codes_in(b64decode(vector["2DCODE"]))) == vector[
        "EXPECTEDRESULTS"
    ]["EXPECTEDPICTUREDECODE"]


@needs_shared
@pytest.mark.parametrize(
    "file",
    [file for file in VECTORS if _read(file)["EXPECTEDRESULTS"].get("EXPECTEDDECODE")],
    ids=lambda f: f.stem,
)
def test_every_layer_is_taken_off_and_put_on_again_without_loss(file: Path) -> None:
    vector = _read(file)
    encoded = hc1.strip_prefix(vector["PREFIX"])
    message = hc1.decompress(base45.decode(encoded))
    assert message.hex() == vector.get("COSE", message.hex()).lower()
    assert base45.encode(base45.decode(encoded)) == encoded
    assert hc1.decompress(base45.decode(hc1.strip_prefix(hc1.assemble(message)))) == message


@needs_shared
def test_the_one_public_certificate_of_viet_nam_is_read_from_its_photograph() -> None:
    codes = read_codes((SHARED / "dcc" / "vn" / "VAC_VN.jpg").read_bytes())
    (code,) = [code for code in codes if code.startswith("HC1:")]
    opened = verify(code, TrustList([]), datetime.now(UTC)).opened
    assert opened
    assert opened.issuer == "VN"
    assert opened.kind == "v"
    assert opened.payload["v"][0]["mp"] == "EU/1/21/1529"
