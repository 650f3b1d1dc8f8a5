"""The trust file: one entry that cannot be used costs no other, and the file never ends the
signer.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from prometheus_client import CollectorRegistry

from services.signer.api import models
from services.signer.app import trust_of
from services.signer.domain.claim_labels import EXPIRES, HCERT, ISSUED, ISSUER
from services.signer.hcert.cose import kid_of
from services.signer.hcert.trust_file import (
    WHYS,
    SkippedEntry,
    TrustFile,
    Why,
    read_trust,
    watch_trust,
)
from services.signer.hcert.trust_list import TrustList
from services.signer.hcert.verdict import HcertStep
from services.signer.hcert.verify import verify
from services.signer.settings import TrustSettings
from tests.unit.signer.conftest import NOW, Issuer
from tests.unit.signer.hcert.test_foreign import VACCINE, claims, signed

KEYS: dict[str, Callable[[], Any]] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RSA": lambda: rsa.generate_private_key(65_537, 2_048),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "short RSA": lambda: rsa.generate_private_key(65_537, 1_024),
}
DAMAGED = b"-----BEGIN CERTIFICATE-----\nMIIB7jCC\n-----END CERTIFICATE-----\n"


def certificate(kind: str = "P-256", country: str | None = "XX") -> x509.Certificate:
    """A document signer's of any algorithm, signed by itself."""
    key = KEYS[kind]()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "DSC"),
            *([x509.NameAttribute(NameOID.COUNTRY_NAME, country)] if country else []),
        ]
    )
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 7, NOW - timedelta(days=1), NOW + timedelta(days=700)
    )
    return builder.sign(key, None if kind == "Ed25519" else hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def text(data: bytes) -> str:
    return b64encode(data).decode()


def spki(of: x509.Certificate) -> bytes:
    return of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def kids(trust: TrustList) -> list[bytes]:
    return [key.kid for key in trust]


GOOD, OTHER = certificate(), certificate("RSA", "YY")


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (DAMAGED, "damaged"),
        (pem(GOOD).replace(b"MII", b"AII", 1), "damaged"),
        (b"-----BEGIN CERTIFICATE-----\nthis has no end\n", "damaged"),
        (b"-----BEGIN CERTIFICATE-----\n\xff\xfe\n-----END CERTIFICATE-----\n", "damaged"),
        (b"-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", "incomplete"),
        (pem(certificate("Ed25519")), "algorithm"),
        (pem(certificate("P-384")), "algorithm"),
        (pem(certificate("short RSA")), "algorithm"),
    ],
)
def test_one_bad_certificate_costs_no_other(bad: bytes, why: Why, place: int) -> None:
    parts = [b"# France\n" + pem(GOOD), b"text between\r\n" + pem(OTHER)]
    parts.insert(place, bad)
    if place == 2 and b"-----END" not in bad:
        why = "cut_short"
    trust, skipped = read_trust(b"".join(parts))
    assert kids(trust) == [kid_of(GOOD), kid_of(OTHER)]
    assert skipped == [SkippedEntry(place + 1, why)]


def test_json_names_foreign_kids_and_keys() -> None:
    entries: list[dict[str, Any]] = [
        {"certificate": text(GOOD.public_bytes(Encoding.DER))},
        {"kid": text(b"\1" * 8), "country": "fr", "rawData": text(GOOD.public_bytes(Encoding.DER)),
        "usage": ["t"], "thumbprint": "…"},
        {"kid": urlsafe_b64encode(b"\xff\xfe\xfd").decode().rstrip("="), "country": "CH",
        "publicKey": text(spki(OTHER))},
        {"kid": text(b"\2" * 8), "country": "SE", "public_key": OTHER.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "usage": ["v", "r"]},
        {"kid": text(b"\3" * 8), "certificate": pem(OTHER).decode()},
    ]  # fmt: skip
    for content in (entries, {"keys": entries}, {"keys": entries[:2], "items": entries[2:]}):
        trust, skipped = read_trust(b"\xef\xbb\xbf" + json.dumps(content).encode())
        assert skipped == []
        assert [
            (key.kid, key.country, "".join(sorted(key.usage)), bool(key.der)) for key in trust
        ] == [
            (kid_of(GOOD), "XX", "rtv", True),
            (b"\1" * 8, "FR", "t", True),
            (b"\xff\xfe\xfd", "CH", "rtv", False),
            (b"\2" * 8, "SE", "rv", False),
            (b"\3" * 8, "YY", "rtv", True),
        ]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (7, "incomplete"),
        ({}, "incomplete"),
        ({"kid": text(b"k"), "country": "XX"}, "incomplete"),
        ({"publicKey": text(spki(GOOD)), "country": "XX"}, "incomplete"),
        ({"publicKey": text(spki(GOOD)), "kid": text(b"k")}, "incomplete"),
        ({"publicKey": text(spki(GOOD)), "kid": text(b"k"), "country": "XXX"}, "incomplete"),
        ({"publicKey": text(spki(GOOD)), "kid": text(bytes(33)), "country": "XX"}, "incomplete"),
        (
            {"publicKey": text(spki(GOOD)), "kid": text(b"k"), "country": "XX", "usage": ["x"]},
            "incomplete",
        ),
        (
            {"publicKey": text(spki(GOOD)), "kid": text(b"k"), "country": "XX", "usage": []},
            "incomplete",
        ),
        ({"publicKey": text(spki(GOOD)), "kid": "!", "country": "XX"}, "damaged"),
        ({"publicKey": text(spki(GOOD)[:-3]), "kid": text(b"k"), "country": "XX"}, "damaged"),
        (
            {"publicKey": text(spki(certificate("Ed25519"))), "kid": text(b"k"), "country": "XX"},
            "algorithm",
        ),
        ({"certificate": text(b"0\x82")}, "damaged"),
        ({"certificate": text(certificate("P-384").public_bytes(Encoding.DER))}, "algorithm"),
    ],
)
def test_one_bad_entry_costs_no_other(entry: Any, why: Why) -> None:
    good = {"certificate": text(GOOD.public_bytes(Encoding.DER))}
    trust, skipped = read_trust(json.dumps([good, entry, {**good, "kid": text(b"k" * 8)}]).encode())
    assert (kids(trust), skipped) == ([kid_of(GOOD), b"k" * 8], [SkippedEntry(2, why)])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        b"[",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": 7}',
        b"[" * 100_000,
        b"\x30\x82",
        b"[{]",
    ],
)
def test_a_file_that_is_no_trust_file_leaves_what_was_believed(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "trust"
    path.write_bytes(content)
    file = TrustFile(path)
    assert list(file.read()) == []
    assert file.skipped("file") == 1
    path.write_bytes(pem(GOOD))
    assert (kids(file.read()), file.skipped("file")) == ([kid_of(GOOD)], 0)
    path.write_bytes(content)
    assert (kids(file.read()), file.skipped("file")) == ([kid_of(GOOD)], 1)
    path.unlink()
    assert (kids(file.read()), file.skipped("file")) == ([kid_of(GOOD)], 1)


def test_a_file_that_is_being_written_takes_nobody_away(tmp_path: Path) -> None:
    path = tmp_path / "trust"
    whole = pem(GOOD, OTHER)
    path.write_bytes(whole)
    file = TrustFile(path)
    file.read()
    path.write_bytes(whole[:-40])
    assert (kids(file.read()), file.skipped("cut_short")) == ([kid_of(GOOD), kid_of(OTHER)], 1)
    # whoever starts with such a file believes what can be read
    assert kids(TrustFile(path).read()) == [kid_of(GOOD)]
    path.write_bytes(pem(OTHER))
    assert (kids(file.read()), file.skipped("cut_short")) == ([kid_of(OTHER)], 0)


def test_what_cannot_be_used_is_told_as_a_metric(tmp_path: Path) -> None:
    path = tmp_path / "trust"
    path.write_bytes(pem(GOOD) + DAMAGED + DAMAGED + pem(certificate("Ed25519")))
    file, registry = TrustFile(path), CollectorRegistry()
    watch_trust(file, registry)
    file.read()
    told = {why: registry.get_sample_value("trust_skipped", {"why": why}) for why in WHYS}
    assert told == {"damaged": 2, "algorithm": 1, "incomplete": 0, "cut_short": 0, "file": 0}
    path.write_bytes(pem(GOOD))
    file.read()
    assert registry.get_sample_value("trust_skipped", {"why": "damaged"}) == 0


def test_our_own_keys_are_believed_whatever_the_file_is(issuer: Issuer, tmp_path: Path) -> None:
    for path in (None, tmp_path / "missing", tmp_path):
        assert kids(trust_of(TrustSettings(file=path), issuer.ring)) == kids(issuer.trust)


def test_a_certificate_is_verified_by_a_key_that_is_known_alone_and_for_its_own_country(
    issuer: Issuer, stranger: Issuer
) -> None:
    theirs = stranger.ring.active
    entry = {
        "kid": text(b"foreign"),
        "country": "XX",
        "publicKey": text(spki(theirs.certificate)),
        "usage": ["v"],
    }
    trust, _ = read_trust(json.dumps([entry]).encode())
    header = {1: int(theirs.envelope.algorithm), 4: b"foreign"}
    long = {ISSUED: int(NOW.timestamp()), EXPIRES: int((NOW + timedelta(days=3_000)).timestamp())}
    assert (
        verify(
            signed(stranger, claims("v", VACCINE, long | {ISSUER: "XX"}), header), trust, NOW
        ).code
        == "VALID"
    )
    assert (
        verify(signed(stranger, claims("v", VACCINE, {ISSUER: "VN"}), header), trust, NOW).misuse
        == "COUNTRY"
    )
    recovery = claims("r", {"fr": "2021-07-01"}, {ISSUER: "XX"})
    steps = verify(signed(stranger, recovery, header), trust, NOW).steps
    assert steps[HcertStep.KEY_USAGE] is False
    assert (
        verify(signed(issuer, claims("v", VACCINE, {ISSUER: "XX"}), header), trust, NOW).code
        == "SIGNATURE_WRONG"
    )
    assert HCERT in recovery


def test_the_published_list_is_such_a_file(tmp_path: Path) -> None:
    bare = {"kid": text(b"kid"), "country": "CH", "publicKey": text(spki(OTHER)), "usage": ["v"]}
    trust, _ = read_trust(
        json.dumps([{"certificate": text(GOOD.public_bytes(Encoding.DER))}, bare]).encode()
    )
    published = models.TrustedSigners.model_validate(
        {"items": trust.as_json(datetime.now(UTC)), "keys": trust.keys_as_json(), "roots": []}
    )
    again, skipped = read_trust(published.model_dump_json().encode())
    assert ({(key.kid, key.country, key.usage, key.der) for key in again}, skipped) == (
        {(key.kid, key.country, key.usage, key.der) for key in trust},
        [],
    )
