"""Our verifier against hostile and broken input: it answers with a reason and never raises."""

import zlib
from datetime import datetime, timedelta
from pathlib import Path

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.signer.domain.claim_labels import DCC, EXPIRES, HCERT, ISSUED, ISSUER
from services.signer.hcert import base45, hc1
from services.signer.hcert.cose import Algorithm
from services.signer.hcert.dcc_schema import presentable
from services.signer.hcert.hc1 import render
from services.signer.hcert.outcomes import MISUSES, REASONS
from services.signer.hcert.trust_list import TrustList
from services.signer.hcert.verify import HcertStep, verify
from services.signer.keys.files import open_key_folder
from tests.unit.signer.conftest import NOW, Issuer


def _packed(message: bytes) -> str:
    return "HC1:" + base45.encode(zlib.compress(message))


def _signed(issuer: Issuer, claims: object) -> str:
    signer, content = issuer.ring.active, cbor2.dumps(claims)
    return render(signer.envelope, content, signer.sign(signer.envelope.to_be_signed(content)))


def _good(issuer: Issuer, now: datetime = NOW) -> dict[int, object]:
    message = hc1.decompress(base45.decode(hc1.strip_prefix(issuer.certify(now=now))))
    return dict(cbor2.loads(cbor2.loads(message).value[2]))


def test_a_genuine_certificate_passes_every_step(issuer: Issuer) -> None:
    verdict = verify(issuer.certify(), issuer.trust, NOW)
    assert verdict.code == "VALID"
    assert set(verdict.steps) == set(HcertStep) - {HcertStep.REVOCATION}
    assert all(verdict.steps.values())


def test_a_certificate_lasts_twelve_months_and_a_clock_that_is_minutes_behind_does_not_matter(
    issuer: Issuer,
) -> None:
    code = issuer.certify()
    after = {
        timedelta(minutes=-6): "NOT_YET_VALID",
        timedelta(minutes=-4): "VALID",
        timedelta(days=364): "VALID",
        timedelta(days=367): "EXPIRED",
    }
    assert {later: verify(code, issuer.trust, NOW + later).code for later in after} == after


def test_what_was_revoked_is_refused_last(issuer: Issuer) -> None:
    verdict = verify(issuer.certify(), issuer.trust, NOW)
    assert verdict.revoked(True).code == "REVOKED"
    assert verdict.revoked(False).code == "VALID"
    assert (
        verify(issuer.certify(), issuer.trust, NOW + timedelta(days=400)).revoked(True).code
        == "EXPIRED"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({EXPIRES: None}, "TIMES_BROKEN"),
        ({EXPIRES: 10**30}, "TIMES_BROKEN"),
        ({ISSUED: "yesterday"}, "TIMES_BROKEN"),
        ({ISSUED: True}, "TIMES_BROKEN"),
        ({HCERT: None}, "COSE_BROKEN"),
        ({HCERT: {DCC: []}}, "COSE_BROKEN"),
        ({HCERT: {DCC: {}}}, "PAYLOAD_WRONG"),
        ({HCERT: {DCC: {"v": [{}], "nam": 7}}}, "PAYLOAD_WRONG"),
        ({HCERT: {DCC: {"v": [[]]}}}, "PAYLOAD_WRONG"),
        ({HCERT: {DCC: {"v": {"ci": 1}}}}, "PAYLOAD_WRONG"),
    ],
)
def test_claims_that_are_signed_but_wrong_are_refused(
    change: dict[int, object], code: str, issuer: Issuer
) -> None:
    verdict = verify(_signed(issuer, {**_good(issuer), **change}), issuer.trust, NOW)
    assert verdict.code == code
    assert verdict.steps.get(HcertStep.SIGNATURE, True)


def test_a_key_for_another_kind_of_certificate_is_refused(issuer: Issuer) -> None:
    recovery = {
        "tg": "840539006",
        "fr": "2021-07-01",
        "df": "2021-07-11",
        "du": "2022-01-01",
        "co": "VN",
        "is": "M",
        "ci": "URN:UVCI:01:VN:A",
    }
    payload = {"ver": "1.3.0", "nam": {"fnt": "A"}, "dob": "1980", "r": [recovery]}
    assert (
        verify(_signed(issuer, {**_good(issuer), HCERT: {DCC: payload}}), issuer.trust, NOW).code
        == "KEY_USAGE_WRONG"
    )


@pytest.mark.parametrize(
    "ago",
    [timedelta(days=3 * 365), timedelta(days=365 + 30)],
    ids=["run out", "runs out before what it signs"],
)
def test_a_key_whose_certificate_does_not_last_as_long_as_what_it_signs_is_not_believed(
    ago: timedelta, tmp_path: Path
) -> None:
    old = Issuer(open_key_folder(tmp_path, Algorithm.ES256, "VN", "test", NOW - ago))
    times = {ISSUED: int(NOW.timestamp()), EXPIRES: int((NOW + timedelta(days=365)).timestamp())}
    claims = _good(old, now=NOW - ago)
    verdict = verify(_signed(old, {**claims, **times}), old.trust, NOW)
    assert (verdict.code, verdict.misuse) == ("KEY_USAGE_WRONG", "TERM")
    assert (verdict.steps[HcertStep.SIGNATURE], verdict.steps[HcertStep.KEY_USAGE]) == (True, False)
    assert (verdict.reason_vi, verdict.reason_en) == MISUSES["TERM"] != REASONS["KEY_USAGE_WRONG"]


def test_what_was_issued_before_the_key_was_certified_is_not_believed(issuer: Issuer) -> None:
    before = int((NOW - timedelta(days=1)).timestamp())
    assert (
        verify(_signed(issuer, {**_good(issuer), ISSUED: before}), issuer.trust, NOW).misuse
        == "TERM"
    )


@pytest.mark.parametrize(
    ("country", "says", "misuse"),
    [
        ("XX", "VN", "COUNTRY"),
        ("XX", "vn", "COUNTRY"),
        ("VN", "XX", "COUNTRY"),
        ("XX", "VN-HN", "COUNTRY"),
        ("CH", "CH BAG", None),
        ("FR", "CNAM", None),
        ("FR", "La Caisse", None),
        ("GR", "EL", None),
        ("GB", "UK", None),
        ("AT", None, None),
    ],
)
def test_a_key_signs_for_its_own_country_alone(
    country: str, says: str | None, misuse: str | None, tmp_path: Path
) -> None:
    theirs = Issuer(open_key_folder(tmp_path, Algorithm.ES256, country, "test", NOW))
    verdict = verify(_signed(theirs, {**_good(theirs), ISSUER: says}), theirs.trust, NOW)
    assert (verdict.code, verdict.misuse) == ("KEY_USAGE_WRONG" if misuse else "VALID", misuse)


def test_the_algorithm_is_the_keys_and_not_the_messages(issuer: Issuer, stranger: Issuer) -> None:
    message = cbor2.loads(hc1.decompress(base45.decode(hc1.strip_prefix(issuer.certify()))))
    protected, unprotected, payload, signature = message.value
    for algorithm in (-7, -37, -8, 5, None):
        header = cbor2.dumps({**cbor2.loads(protected), 1: algorithm})
        code = _packed(cbor2.dumps(cbor2.CBORTag(18, [header, unprotected, payload, signature])))
        assert verify(code, issuer.trust, NOW).valid == (header == protected)


def test_a_bomb_is_not_unpacked() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(5)) + packer.flush()
    assert len(base45.encode(bomb)) < hc1.MAX_TEXT
    verdict = verify("HC1:" + base45.encode(bomb), TrustList([]), NOW)
    assert (verdict.code, verdict.steps[HcertStep.COMPRESSION]) == ("COMPRESSION_BROKEN", False)


def test_a_text_longer_than_any_code_is_not_looked_at() -> None:
    assert verify("HC1:" + "0" * 10_000_000, TrustList([]), NOW).code == "NOT_HC1"


HOSTILE = [
    b"",
    b"\x9f" * 20_000,
    b"\x81" * 20_000,
    b"\xbf" * 1000,
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\xd2\x84\x40\xa0\x40\x40",
    b"\xd2\x84\x41\xff\xa0\x40\x40",
    b"\xd8\x1d\x00",
    b"\xc4\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01",
    cbor2.dumps([b"", {}, b"", b""]),
    cbor2.dumps([cbor2.dumps({4: [1]}), {}, cbor2.dumps({HCERT: {DCC: {"v": [{"ci": {}}]}}}), b""]),
    cbor2.dumps(
        [
            cbor2.dumps({4: b"12345678"}),
            {},
            cbor2.dumps({HCERT: {DCC: {"v": [{}]}}, 4: float("nan"), 6: float("inf")}),
            b"",
        ]
    ),
]


@pytest.mark.parametrize("message", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_messages_are_answered_with_a_reason(message: bytes, issuer: Issuer) -> None:
    assert not verify(_packed(message), issuer.trust, NOW).valid


@given(
    st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=400)
    | st.text(max_size=100)
)
def test_no_text_makes_it_raise(text: str) -> None:
    for code in (text, "HC1:" + text):
        assert verify(code, TrustList([]), NOW).code in REASONS


@given(st.binary(max_size=300))
def test_no_message_makes_it_raise(message: bytes) -> None:
    assert not verify(_packed(message), TrustList([]), NOW).valid


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)  # how long it takes says how busy the machine is
@given(data=st.data())
def test_one_changed_byte_changes_nothing_that_is_believed(
    data: st.DataObject, issuer: Issuer
) -> None:
    message = hc1.decompress(base45.decode(hc1.strip_prefix(issuer.certify())))
    place = data.draw(st.integers(0, len(message) - 1))
    changed = (
        message[:place]
        + bytes((message[place] ^ data.draw(st.integers(1, 255)),))
        + message[place + 1 :]
    )
    verdict = verify(_packed(changed), issuer.trust, NOW)
    # only what is not signed may differ: the form of the message around header, claims and
    # signature
    if verdict.valid:
        assert verdict.opened
        genuine = verify(_packed(message), issuer.trust, NOW).opened
        assert genuine
        assert verdict.opened.payload == genuine.payload


def test_of_a_foreign_payload_only_what_the_schema_knows_is_shown() -> None:
    payload = {
        "ver": "1.3.0",
        "nam": {"fnt": "A", "x": b"\0"},
        "dob": b"1980",
        "v": [{"dn": 1, "sd": object(), "tg": "840539006", "y": 1}],
    }
    assert presentable(payload) == ({"fnt": "A"}, None, {"dn": 1, "tg": "840539006"})
    assert presentable(None) == ({}, None, {})
