"""What other countries write: forms that mean alike are read alike, and what is not known here gets
an outcome of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest

from services.signer.api import models
from services.signer.api.verdicts import answer
from services.signer.domain.claim_labels import DCC, EXPIRES, HCERT, ISSUED
from services.signer.hcert import hc1
from services.signer.hcert.outcomes import IN_V1, REASONS
from services.signer.hcert.trust_list import ANY_KIND, TrustList
from services.signer.hcert.verify import HcertStep, HcertVerdict, verify
from tests.unit.signer.conftest import NOW, Issuer

DAY = timedelta(days=1)
ISSUED_S, EXPIRES_S = int(NOW.timestamp()), int((NOW + 300 * DAY).timestamp())
COMMON = {"tg": "840539006", "co": "VN", "is": "Ministry", "ci": "URN:UVCI:01:VN:A"}
VACCINE = COMMON | {
    "vp": "1119349007",
    "mp": "EU/1/20/1528",
    "ma": "ORG-100030215",
    "dn": 1,
    "sd": 2,
    "dt": "2021-07-01",
}
PCR = COMMON | {
    "tt": "LP6464-4",
    "nm": "PCR",
    "sc": "2021-07-01T08:00:00Z",
    "tr": "260415000",
    "tc": "Centre",
}
RAPID = COMMON | {
    "tt": "LP217198-3",
    "ma": "1232",
    "sc": "2021-07-01T08:00:00+07:00",
    "tr": "260415000",
    "tc": "Centre",
}
ILL = COMMON | {"fr": "2021-07-01", "df": "2021-07-11", "du": "2999-01-01"}
NAMES = {"fn": "Lê", "fnt": "LE", "gn": "An", "gnt": "AN"}


def day(ahead: int) -> str:
    return (NOW + ahead * DAY).date().isoformat()


def signed(issuer: Issuer, claims: Any, protected: Any = None, unprotected: Any = None) -> str:
    """A code as that issuer signs it, under any header; of the claims their bytes, where they are
    given so.
    """
    signer = issuer.ring.active
    content = claims if isinstance(claims, bytes) else cbor2.dumps(claims)
    header = signer.envelope.protected if protected is None else cbor2.dumps(protected)
    to_be_signed = cbor2.dumps(["Signature1", header, b"", content])
    return hc1.assemble(
        cbor2.dumps(
            cbor2.CBORTag(18, [header, unprotected or {}, content, signer.sign(to_be_signed)])
        )
    )


def claims(
    kind: str, entry: dict[str, Any], times: dict[int, Any] | None = None, **of_person: Any
) -> dict[int, Any]:
    person = {"ver": "1.3.0", "nam": NAMES, "dob": "1980-05-03"} | of_person
    return {1: "VN", 4: EXPIRES_S, 6: ISSUED_S, HCERT: {DCC: person | {kind: [entry]}}} | (
        times or {}
    )


def judged(issuer: Issuer, code: str) -> HcertVerdict:
    """What we say of it where the key may sign every kind."""
    (key,) = issuer.trust
    return verify(code, TrustList([replace(key, usage=ANY_KIND)]), NOW)


def found(issuer: Issuer, kind: str, entry: dict[str, Any], **of_person: Any) -> HcertVerdict:
    return judged(issuer, signed(issuer, claims(kind, entry, **of_person)))


MOMENT = datetime(2021, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "entry", "of_person"),
    [
        ("v", VACCINE, {}),
        ("t", PCR, {}),
        ("t", RAPID, {}),
        ("r", ILL, {}),
        ("v", VACCINE | {"dn": 1.0, "sd": 2.0}, {}),
        ("v", VACCINE | {"dt": MOMENT}, {}),
        ("v", VACCINE | {"dt": cbor2.CBORTag(0, "2021-07-01T08:00:00Z")}, {}),
        ("v", VACCINE | {"dt": cbor2.CBORTag(1, 1625126400)}, {}),
        ("v", VACCINE | {"dt": cbor2.CBORTag(1004, "2021-07-01")}, {}),
        ("v", VACCINE | {"dt": "2021-07-01T08:00:00"}, {}),
        (
            "v",
            VACCINE
            | {key: f" {VACCINE[key]}\n" for key in ("tg", "vp", "mp", "ma", "co", "ci", "dt")},
            {},
        ),
        ("t", PCR | {"ma": ""}, {}),
        ("t", PCR | {"ma": " "}, {}),
        ("t", PCR | {"ma": "N/A"}, {}),
        ("t", PCR | {"sc": MOMENT}, {}),
        ("t", PCR | {"sc": cbor2.CBORTag(1, 1625126400.0)}, {}),
        ("t", PCR | {"sc": " 2021-07-01T08:00:00Z ", "tr": "260415000 "}, {}),
        ("r", ILL | {"fr": MOMENT, "df": cbor2.CBORTag(0, "2021-07-11T00:00:00Z")}, {}),
        ("v", VACCINE, {"nam": {"gn": "An", "gnt": "AN"}}),
        ("v", VACCINE, {"nam": {"fnt": "LE"}}),
        ("v", VACCINE, {"dob": cbor2.CBORTag(1004, "1980-05-03")}),
        ("v", VACCINE, {"dob": "1980-05-03T00:00:00"}),
        ("v", VACCINE, {"dob": "1980-05"}),
        ("v", VACCINE, {"dob": ""}),
    ],
)
def test_other_countries_ways_of_writing_are_valid(
    kind: str, entry: dict[str, Any], of_person: dict[str, Any], issuer: Issuer
) -> None:
    verdict = found(issuer, kind, entry, **of_person)
    assert (verdict.code, verdict.opened and verdict.opened.faults) == ("VALID", ())
    shown = answer(verdict)
    assert shown.valid
    assert shown.outcome == "VALID"
    assert all(shown.steps.values())


@pytest.mark.parametrize(
    "form",
    [
        float,
        lambda s: cbor2.CBORTag(1, s),
        lambda s: datetime.fromtimestamp(s, UTC),
        lambda s: s + 0.25,
    ],
)
def test_times_are_read_in_every_form(form: Callable[[int], Any], issuer: Issuer) -> None:
    times = {ISSUED: form(ISSUED_S), EXPIRES: form(EXPIRES_S)}
    assert judged(issuer, signed(issuer, claims("v", VACCINE, times))).code == "VALID"
    assert (
        judged(
            issuer, signed(issuer, claims("v", VACCINE, times | {EXPIRES: form(ISSUED_S - 100)}))
        ).code
        == "EXPIRED"
    )
    wrongs: tuple[Any, ...] = (
        cbor2.CBORTag(0, "soon"),
        cbor2.CBORTag(1, 1e300),
        cbor2.CBORTag(37, 1),
        "1700000000",
        [],
        10**400,
    )
    for wrong in wrongs:
        assert (
            judged(issuer, signed(issuer, claims("v", VACCINE, {EXPIRES: wrong}))).code
            == "TIMES_BROKEN"
        )


@pytest.mark.parametrize(
    ("kind", "entry", "fields"),
    [
        ("v", VACCINE | {"mp": "EU/1/29/0001"}, ["v.mp"]),
        ("v", VACCINE | {"ma": "ORG-199999999", "vp": "999"}, ["v.vp", "v.ma"]),
        ("v", VACCINE | {"tg": "1"}, ["v.tg"]),
        ("v", VACCINE | {"mp": ""}, ["v.mp"]),
        ("v", VACCINE | {"co": "QQ"}, ["v.co"]),
        ("t", RAPID | {"ma": "99999"}, ["t.ma"]),
        ("t", RAPID | {"ma": ""}, ["t.ma"]),
        ("t", RAPID | {"tt": "LP1-1"}, ["t.tt"]),
        ("t", PCR | {"tr": "1"}, ["t.tr"]),
    ],
)
def test_a_code_of_no_value_set_known_here_is_not_valid_and_told_as_such(
    kind: str, entry: dict[str, Any], fields: list[str], issuer: Issuer
) -> None:
    verdict = found(issuer, kind, entry)
    assert (verdict.code, verdict.valid) == ("VALUE_UNKNOWN", False)
    shown = answer(verdict)
    assert (shown.code, shown.outcome, shown.steps[models.Step.PAYLOAD]) == (
        "PAYLOAD_WRONG",
        "VALUE_UNKNOWN",
        False,
    )
    assert shown.certificate
    assert (sorted(shown.certificate.unknown), shown.certificate.faults) == (sorted(fields), [])
    field = fields[0].partition(".")[2]
    assert shown.certificate.entry[field] == entry[field].strip()


def test_an_unknown_code_is_told_only_where_nothing_worse_is(
    issuer: Issuer, stranger: Issuer
) -> None:
    entry = VACCINE | {"mp": "NEW"}
    assert verify(signed(stranger, claims("v", entry)), issuer.trust, NOW).code == "KEY_UNKNOWN"
    assert found(issuer, "v", entry | {"dn": 0}).code == "PAYLOAD_WRONG"
    assert (
        verify(signed(issuer, claims("r", ILL | {"tg": "1"})), issuer.trust, NOW).code
        == "KEY_USAGE_WRONG"
    )


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("v", VACCINE | {"dn": 1.5}),
        ("v", VACCINE | {"dn": float("inf")}),
        ("v", VACCINE | {"dn": 1e300}),
        ("v", VACCINE | {"dn": True}),
        ("v", VACCINE | {"dn": 2**80}),
        ("v", VACCINE | {"mp": 7}),
        ("v", VACCINE | {"mp": "X" * 81}),
        ("v", VACCINE | {"dt": "2021-02-30"}),
        ("v", VACCINE | {"dt": "2021"}),
        ("v", VACCINE | {"dt": cbor2.CBORTag(0, "then")}),
        ("t", PCR | {"sc": "then"}),
        ("t", {key: value for key, value in PCR.items() if key != "tr"}),
    ],
)
def test_what_no_schema_allows_is_still_refused(
    kind: str, entry: dict[str, Any], issuer: Issuer
) -> None:
    assert found(issuer, kind, entry).code == "PAYLOAD_WRONG"


@pytest.mark.parametrize(
    "person",
    [
        {"nam": {}},
        {"nam": {"fn": "A"}},
        {"nam": {"fnt": "a"}},
        {"nam": {"gnt": "Ấ"}},
        {"dob": "2999-01-01"},
    ],
)
def test_somebody_without_a_name_or_not_yet_born_is_refused(
    person: dict[str, Any], issuer: Issuer
) -> None:
    assert found(issuer, "v", VACCINE, **person).code == "PAYLOAD_WRONG"


@pytest.mark.parametrize(
    ("kind", "entry", "outcome"),
    [
        ("t", PCR | {"tr": "260373001"}, "TEST_POSITIVE"),
        ("t", PCR | {"tr": " 260373001"}, "TEST_POSITIVE"),
        ("t", RAPID | {"tr": "260373001", "sc": day(9) + "T00:00:00Z"}, "TEST_POSITIVE"),
        ("t", PCR | {"sc": (NOW + timedelta(hours=1)).isoformat()}, "DATED_AHEAD"),
        ("t", PCR | {"sc": NOW + timedelta(hours=1)}, "DATED_AHEAD"),
        ("t", PCR | {"sc": day(2) + "T00:00:00"}, "DATED_AHEAD"),
        ("v", VACCINE | {"dt": day(2)}, "DATED_AHEAD"),
        ("r", ILL | {"fr": day(2), "df": day(-9)}, "DATED_AHEAD"),
        ("r", ILL | {"df": day(2)}, "RECOVERY_NOT_YET_VALID"),
        ("r", ILL | {"du": day(-2)}, "RECOVERY_ENDED"),
        ("r", ILL | {"df": day(5), "du": day(-5)}, "RECOVERY_NOT_YET_VALID"),
        ("t", PCR | {"sc": (NOW + timedelta(minutes=4)).isoformat()}, "VALID"),
        ("v", VACCINE | {"dt": day(0)}, "VALID"),
        ("r", ILL | {"df": day(0), "du": day(0)}, "VALID"),
    ],
)
def test_what_a_genuine_certificate_says_must_hold_today(
    kind: str, entry: dict[str, Any], outcome: str, issuer: Issuer
) -> None:
    verdict = found(issuer, kind, entry)
    assert (verdict.code, verdict.steps[HcertStep.SIGNATURE], verdict.steps[HcertStep.PAYLOAD]) == (
        outcome,
        True,
        True,
    )
    shown = answer(verdict)
    assert (shown.valid, shown.outcome, shown.code) == (
        outcome == "VALID",
        outcome,
        IN_V1.get(outcome, outcome),
    )
    assert all(shown.steps.values()) == shown.valid


@pytest.mark.parametrize("crit", [["x"], [99], [], "x", 4, [4, 99], [6], [True], [b"x"]])
def test_a_critical_header_that_is_not_understood_is_refused(crit: Any, issuer: Issuer) -> None:
    envelope = issuer.ring.active.envelope
    header = {1: int(envelope.algorithm), 4: envelope.kid, "x": 1, 99: 1}
    assert judged(issuer, signed(issuer, claims("v", VACCINE), header)).code == "VALID"
    for protected, unprotected in ((header | {2: crit}, {}), (header, {2: crit})):
        verdict = judged(issuer, signed(issuer, claims("v", VACCINE), protected, unprotected))
        assert verdict.code == "HEADER_NOT_UNDERSTOOD"
        assert answer(verdict).code == "COSE_BROKEN"


def test_critical_labels_that_are_understood_are_no_hindrance(issuer: Issuer) -> None:
    envelope = issuer.ring.active.envelope
    header = {1: int(envelope.algorithm), 2: [1, 4], 4: envelope.kid}
    assert judged(issuer, signed(issuer, claims("v", VACCINE), header)).code == "VALID"


def test_the_algorithm_stands_in_the_protected_header_alone(issuer: Issuer) -> None:
    envelope = issuer.ring.active.envelope
    number, other = int(envelope.algorithm), -7 - 37 - int(envelope.algorithm)
    unprotected = judged(
        issuer, signed(issuer, claims("v", VACCINE), {4: envelope.kid}, {1: number})
    )
    assert (unprotected.code, unprotected.steps[HcertStep.SIGNATURE]) == (
        "ALGORITHM_UNPROTECTED",
        True,
    )
    assert (answer(unprotected).code, answer(unprotected).steps[models.Step.COSE]) == (
        "COSE_BROKEN",
        False,
    )
    assert (
        judged(issuer, signed(issuer, claims("v", VACCINE), {4: envelope.kid})).code
        == "ALGORITHM_UNPROTECTED"
    )
    for named in (other, float(number), str(number), None):
        assert (
            judged(
                issuer,
                signed(issuer, claims("v", VACCINE), {1: named, 4: envelope.kid}, {1: number}),
            ).code
            == "SIGNATURE_WRONG"
        )
    assert (
        judged(
            issuer, signed(issuer, claims("v", VACCINE), {1: number, 4: envelope.kid}, {1: other})
        ).code
        == "VALID"
    )


def test_what_two_readers_could_read_differently_is_refused(issuer: Issuer) -> None:
    good = cbor2.dumps(claims("v", VACCINE))
    birth = cbor2.dumps({"dob": "1980-05-03"})[1:]
    twice = good.replace(birth, birth + birth.replace(b"1980", b"1999"))
    twice = twice.replace(b"\xa4\x63ver", b"\xa5\x63ver")
    assert cbor2.loads(twice)[HCERT][DCC]["dob"] == "1999-05-03", "a library lets the last one win"
    assert judged(issuer, signed(issuer, good)).code == "VALID"
    for content in (twice, good + b"\0", good[:-1]):
        assert judged(issuer, signed(issuer, content)).code == "COSE_BROKEN"


def test_lengths_that_are_told_last_are_read(issuer: Issuer) -> None:
    good = cbor2.dumps(claims("v", VACCINE))
    endless = b"\xbf" + good[1:] + b"\xff"
    assert judged(issuer, signed(issuer, endless)).code == "VALID"


def test_every_outcome_is_one_of_v1_or_stands_for_one() -> None:
    assert {"VALID", *IN_V1} <= set(REASONS)
    assert not set(IN_V1.values()) & set(IN_V1)
    assert set(IN_V1.values()) <= set(REASONS)
