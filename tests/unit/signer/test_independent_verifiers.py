"""Certificates of ours before verifiers that share no code with us: genuine ones pass; changed,
forged and strange ones do not.
"""

import io
import zlib
from typing import Any

import cbor2
import cwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cwt import COSEKey
from cwt.exceptions import VerifyError
from PIL import Image

from services.signer.documents import qr_code
from services.signer.domain.claim_labels import DCC, EXPIRES, HCERT, ISSUER
from services.signer.hcert import base45
from services.signer.hcert.cose import Algorithm
from services.signer.hcert.hc1 import render
from services.signer.hcert.verify import verify
from services.signer.pictures.scanned_codes import read_codes
from tests.support import node
from tests.support.pages import read_qr_codes
from tests.unit.signer.conftest import NOW, Issuer


def _opened(code: str) -> bytes:
    return zlib.decompress(base45.decode(code.removeprefix("HC1:")))


def _closed(message: bytes) -> str:
    return "HC1:" + base45.encode(zlib.compress(message))


def _changed(code: str) -> dict[str, str]:
    """The code with another birth date, and with another signature."""
    message = cbor2.loads(_opened(code))
    protected, unprotected, payload, signature = message.value

    def again(*parts: object) -> str:
        return _closed(cbor2.dumps(cbor2.CBORTag(18, list(parts))))

    return {
        "payload": again(
            protected, unprotected, payload.replace(b"1980-05-03", b"1990-05-03"), signature
        ),
        "signature": again(
            protected, unprotected, payload, bytes((signature[0] ^ 1,)) + signature[1:]
        ),
    }


def _cut(code: str) -> str:
    """The code without its end, cut where a group of base45 ends."""
    return code[: len("HC1:") + 3 * 100]


def _expired(issuer: Issuer) -> str:
    """A genuine certificate that ended an hour ago, which issuing would have refused to make."""
    signer = issuer.ring.active
    claims = cbor2.loads(cbor2.loads(_opened(issuer.certify())).value[2])
    claims[EXPIRES] = int(NOW.timestamp()) - 3600
    content = cbor2.dumps(claims)
    return render(signer.envelope, content, signer.sign(signer.envelope.to_be_signed(content)))


def _cwt_key(issuer: Issuer) -> Any:
    signer = issuer.ring.active
    pem = signer.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return COSEKey.from_pem(pem, alg=signer.envelope.algorithm.name, kid=signer.envelope.kid)


def test_cwt_accepts_a_genuine_certificate_and_reads_what_we_wrote(issuer: Issuer) -> None:
    claims = cwt.decode(_opened(issuer.certify()), _cwt_key(issuer))
    assert isinstance(claims, dict)
    assert claims[ISSUER] == "VN"
    assert claims[HCERT][DCC]["nam"] == {
        "fn": "Nguyễn",
        "fnt": "NGUYEN",
        "gn": "Thị Hòa",
        "gnt": "THI<HOA",
    }


@pytest.mark.parametrize("what", ["payload", "signature"])
def test_cwt_refuses_a_changed_certificate(what: str, issuer: Issuer) -> None:
    with pytest.raises(VerifyError):
        cwt.decode(_opened(_changed(issuer.certify())[what]), _cwt_key(issuer))


def test_cwt_refuses_a_certificate_under_a_key_that_did_not_sign_it(
    issuer: Issuer, stranger: Issuer
) -> None:
    with pytest.raises((VerifyError, ValueError)):
        cwt.decode(_opened(issuer.certify()), _cwt_key(stranger))


def test_cwt_refuses_an_expired_certificate(issuer: Issuer) -> None:
    with pytest.raises(VerifyError, match="expired"):
        cwt.decode(_opened(_expired(issuer)), _cwt_key(issuer))


def test_a_javascript_verifier_accepts_genuine_certificates_and_refuses_all_others(
    issuer: Issuer, stranger: Issuer
) -> None:
    genuine = issuer.certify()
    codes = [
        genuine,
        *_changed(genuine).values(),
        stranger.certify(),
        _cut(genuine),
        _expired(issuer),
    ]
    answers = node.judge([issuer.ring.active.certificate], codes)
    assert [answer.valid for answer in answers] == [True] + [False] * 5
    assert answers[0].payload
    assert answers[0].payload["v"][0]["mp"] == "EU/1/20/1528"


def test_our_own_verifier_says_the_same_of_each(issuer: Issuer, stranger: Issuer) -> None:
    genuine = issuer.certify()
    codes = [
        genuine,
        *_changed(genuine).values(),
        stranger.certify(),
        _cut(genuine),
        _expired(issuer),
    ]
    expected = [
        "VALID",
        "SIGNATURE_WRONG",
        "SIGNATURE_WRONG",
        "KEY_UNKNOWN",
        "COMPRESSION_BROKEN",
        "EXPIRED",
    ]
    assert [verify(code, issuer.trust, NOW).code for code in codes] == expected


def test_a_reader_of_another_make_reads_the_code_from_the_picture_without_loss(
    issuer: Issuer,
) -> None:
    genuine = issuer.certify()
    (read,) = read_qr_codes(Image.open(io.BytesIO(qr_code.png(genuine))))
    assert read.text == genuine
    assert read_codes(qr_code.png(genuine)) == [genuine]


def test_an_elliptic_curve_certificate_is_signed_the_same_way_twice(issuer: Issuer) -> None:
    same = issuer.certify() == issuer.certify()
    assert same == (issuer.ring.active.envelope.algorithm is Algorithm.ES256)
