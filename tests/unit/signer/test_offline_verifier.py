"""The page `/verify` judges on a phone as the server does: the same outcome, the same steps."""

import json
import random
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cbor2
from cryptography import x509

from services.signer.domain.claim_labels import DCC, EXPIRES, HCERT, ISSUED, ISSUER
from services.signer.domain.revocation_hashes import hash_of
from services.signer.hcert import base45, hc1
from services.signer.hcert.cose import Algorithm
from services.signer.hcert.hc1 import render
from services.signer.hcert.trust_list import TrustedKey, TrustList
from services.signer.hcert.verify import verify
from services.signer.keys.files import open_key_folder
from tests.support.offline_verifier import asked, judge_all, list_of, open_all
from tests.support.paths import SHARED, needs_shared
from tests.unit.signer.conftest import NOW, Issuer

VECTORS = sorted((SHARED / "dcc" / "vectors").glob("*.json"))
Case = tuple[str, list[TrustedKey], datetime]


def assert_same(cases: dict[str, Case]) -> None:
    """Both find the same of each code, by its name."""
    found = judge_all([asked(*case) for case in cases.values()])
    different = {}
    for name, case, ours in zip(cases, cases.values(), found, strict=True):
        text, keys, now = case
        verdict = verify(text, TrustList(keys), now)
        ours["steps"].pop("revocation", None)
        theirs = {
            "code": verdict.code,
            "steps": {str(step): holds for step, holds in verdict.steps.items()},
            "misuse": verdict.misuse,
        }
        if ours != theirs:
            different[name] = (ours, theirs)
    assert different == {}, "\n".join(map(str, different.items()))


def _vector(file: Path) -> Case:
    vector: dict[str, Any] = json.loads(file.read_bytes())
    certificate = x509.load_der_x509_certificate(b64decode(vector["TESTCTX"]["CERTIFICATE"]))
    told = datetime.fromisoformat(vector["TESTCTX"]["VALIDATIONCLOCK"])
    now = told if told.tzinfo else told.replace(tzinfo=UTC)
    return vector["PREFIX"], [TrustedKey.of(certificate)], now


@needs_shared
def test_of_every_countrys_test_certificates_both_find_the_same() -> None:
    assert len(VECTORS) >= 120
    assert_same({file.stem: _vector(file) for file in VECTORS})


@needs_shared
def test_of_damaged_test_certificates_both_find_the_same() -> None:
    chance = random.Random(7)
    cases: dict[str, Case] = {}
    for file in VECTORS[::3]:
        text, keys, now = _vector(file)
        for round_ in range(3):
            at = chance.randrange(4, max(5, len(text)))
            letter = chance.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
            cases[f"{file.stem} letter {round_}"] = (text[:at] + letter + text[at + 1 :], keys, now)
        cases[f"{file.stem} cut"] = (text[: len(text) // 2], keys, now)
        cases[f"{file.stem} longer"] = (f"{text}A", keys, now)
        try:
            message = bytearray(hc1.decompress(base45.decode(hc1.strip_prefix(text))))
        except ValueError:
            continue
        for round_ in range(6):
            damaged = bytearray(message)
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
            cases[f"{file.stem} bit {round_}"] = (hc1.assemble(bytes(damaged)), keys, now)
    assert_same(cases)


def _signed(issuer: Issuer, claims: object) -> str:
    signer, content = issuer.ring.active, cbor2.dumps(claims)
    return render(signer.envelope, content, signer.sign(signer.envelope.to_be_signed(content)))


def _claims(issuer: Issuer) -> dict[Any, Any]:
    message = hc1.decompress(base45.decode(hc1.strip_prefix(issuer.certify())))
    return dict(cbor2.loads(cbor2.loads(message).value[2]))


def _with(claims: dict[Any, Any], **entry: Any) -> dict[Any, Any]:
    payload = claims[HCERT][DCC]
    (dose,) = payload["v"]
    return {**claims, HCERT: {DCC: {**payload, "v": [{**dose, **entry}]}}}


def test_of_our_own_certificates_both_find_the_same(issuer: Issuer, stranger: Issuer) -> None:
    keys, code, claims = list(issuer.trust), issuer.certify(), _claims(issuer)
    payload = claims[HCERT][DCC]
    cases: dict[str, Case] = {
        "good": (code, keys, NOW),
        "a clock behind": (code, keys, NOW - timedelta(minutes=6)),
        "expired": (code, keys, NOW + timedelta(days=367)),
        "somebody else's": (stranger.certify(), keys, NOW),
        "nobody believed": (code, [], NOW),
        "no code": ("hello", keys, NOW),
        "nothing": ("", keys, NOW),
        "in lines": (f"{code[:70]}\r\n{code[70:]}", keys, NOW),
        "quoted": ("> " + code[:60] + "\n> " + code[60:], keys, NOW),
        "in an address": (quote(code, safe=""), keys, NOW),
        "marks that nobody sees": (code[:9] + "\u200b" + code[9:], keys, NOW),
    }  # fmt: skip
    changes = {
        "issuer of another country": {**claims, ISSUER: "DE"},
        "an issuer by name": {**claims, ISSUER: "Ministry of Health"},
        "no times": {**claims, EXPIRES: None},
        "absurd times": {**claims, EXPIRES: 10**30},
        "times as text": {**claims, ISSUED: "yesterday"},
        "a time as truth": {**claims, ISSUED: True},
        "a time as a fraction": {**claims, ISSUED: NOW.timestamp() + 0.5},
        "longer than the key": {**claims, EXPIRES: int(NOW.timestamp()) + 10**9},
        "nothing inside": {**claims, HCERT: None},
        "no kind": {**claims, HCERT: {DCC: {}}},
        "two kinds": {**claims, HCERT: {DCC: {**payload, "t": [{}]}}},
        "no entry": {**claims, HCERT: {DCC: {**payload, "v": [[]]}}},
        "no name": {**claims, HCERT: {DCC: {**payload, "nam": 7}}},
        "one name alone": {**claims, HCERT: {DCC: {**payload, "nam": {"gnt": "HOA"}}}},
        "born ahead": {**claims, HCERT: {DCC: {**payload, "dob": f"{NOW.year + 2}"}}},
        "born in a year": {**claims, HCERT: {DCC: {**payload, "dob": "1980"}}},
        "born in no month": {**claims, HCERT: {DCC: {**payload, "dob": "1980-13"}}},
        "a new vaccine": _with(claims, mp="EU/9/99/9999"),
        "given ahead": _with(claims, dt=(NOW + timedelta(days=3)).date().isoformat()),
        "given on no day": _with(claims, dt="2021-02-30"),
        "given at an hour": _with(claims, dt="2021-07-01T10:00:00Z"),
        "given on a day of CBOR": _with(claims, dt=cbor2.CBORTag(1004, "2021-07-01")),
        "no doses": _with(claims, dn=0),
        "a dose and a half": _with(claims, dn=1.5),
        "whole doses as fractions": _with(claims, dn=1.0),
        "a field too long": _with(claims, ci="x" * 81),
        "space around codes": _with(claims, mp=" EU/1/20/1528 "),
    }
    for name, changed in changes.items():
        cases[name] = (_signed(issuer, changed), keys, NOW)
    assert_same(cases)


def test_a_revoked_certificate_is_found_by_its_hash_where_it_is_genuine(issuer: Issuer) -> None:
    uvci = _claims(issuer)[HCERT][DCC]["v"][0]["ci"]
    revoked = b64encode(hash_of("UCI", uvci, b"", "VN") + bytes(16)).decode()
    keys = list(issuer.trust)
    told = [
        {**asked(issuer.certify(), keys, NOW), "revoked": revoked},
        {**asked(issuer.certify(), keys, NOW + timedelta(days=367)), "revoked": revoked},
        {**asked(issuer.certify(), [], NOW), "revoked": revoked},
    ]
    assert [one["code"] for one in judge_all(told)] == ["REVOKED", "EXPIRED", "KEY_UNKNOWN"]


def test_a_list_is_believed_from_the_pinned_country_alone(
    issuer: Issuer, stranger: Issuer, tmp_path: Path
) -> None:
    ours, theirs = (list_of(one.ring, one.trust, NOW) for one in (issuer, stranger))
    (first,) = open_all([{"text": ours, "pins": None}])
    assert first["error"] is None and len(first["pins"]) == len(issuer.ring.roots)
    # another key of the same country signs, as after a change of keys
    newer = open_key_folder(tmp_path / "keys", Algorithm.ES256, "VN", "test", NOW)
    head, body, signature = ours.split(".")
    signed_by_another_key = list_of(issuer.ring, issuer.trust, NOW, signer=stranger.ring.active)
    answers = open_all(
        [
            {"text": ours, "pins": first["pins"]},
            {"text": theirs, "pins": first["pins"]},
            {"text": signed_by_another_key, "pins": first["pins"]},
            {"text": f"{head}.{body[:-8]}AAAAAAAA.{signature}", "pins": first["pins"]},
            {"text": f"{head}.{body}.{signature[:-6]}AAAAAA", "pins": first["pins"]},
            {"text": list_of(newer, issuer.trust, NOW), "pins": first["pins"]},
            {"text": "nothing", "pins": None},
        ]
    )
    assert [one["error"] is None for one in answers] == [True, *[False] * 6]
    assert answers[1]["error"] == "not by a signer of the pinned roots"
