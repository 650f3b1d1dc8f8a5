import pytest

from deploy.audit.rules import (
    RULES,
    Certificate,
    Dose,
    Found,
    Verification,
    broken_rules,
    rules_broken_in_motion,
)

EXACT = Verification(1, 2, "exact")
SIGNED = Certificate(1, 2, 1, "URN:UVCI:V1:VN:A#B", True, False)
OLD = SIGNED._replace(uvci="OLD", expired=True)
RENEWED = SIGNED._replace(edition=2)
LET_THROUGH, JUDGED = Verification(1, 1, "exact"), Verification(1, 2, "review")
FIRST = SIGNED._replace(version=1)
HELD = Dose(1, 2, "in_review", "review", None, None, True, person_changed=True)
ISSUED = Dose(1, 2, "issued", "exact", SIGNED.uvci, None, False)


def codes(
    dose: Dose | None, verifications: list[Verification], certificates: list[Certificate]
) -> set[str]:
    """Codes of the rules that are broken."""
    return {rule.code for rule in broken_rules(Found(dose, verifications, certificates))}


GOOD = {
    "issued": (ISSUED, [Verification(1, 1, "mismatch"), EXACT], [SIGNED]),
    "renewed": (ISSUED, [EXACT], [OLD, RENEWED]),
    "renewed twice": (ISSUED, [EXACT], [OLD, OLD._replace(edition=2), SIGNED._replace(edition=3)]),
    "refused": (ISSUED._replace(state="eligible", uvci=None, refusal="TOO_YOUNG"), [EXACT], []),
    "refused, and people are told": (
        ISSUED._replace(
            state="eligible", uvci=None, refusal="NAME_WITHOUT_LATIN", on_worklist=True
        ),
        [EXACT],
        [],
    ),
    "needs correction": (
        Dose(1, 1, "needs_correction", "mismatch", None, None, True),
        [Verification(1, 1, "mismatch")],
        [],
    ),
    "in review": (
        Dose(1, 1, "in_review", "review", None, None, True),
        [Verification(1, 1, "review")],
        [],
    ),
    "waits to become another person's, and is certified as the first one's": (
        HELD,
        [LET_THROUGH, JUDGED],
        [FIRST],
    ),
    "typed as somebody unknown, and certified as the first one's": (
        HELD._replace(state="needs_correction", grade="not_found"),
        [LET_THROUGH, JUDGED._replace(grade="not_found")],
        [FIRST],
    ),
    "waits to become another person's for some versions, and is certified as the first one's, "
    "renewed": (
        HELD._replace(version=4),
        [LET_THROUGH, JUDGED, JUDGED._replace(version=4)],
        [FIRST._replace(uvci="OLD", expired=True), FIRST._replace(edition=2)],
    ),
    "withdrawn before it was verified": (Dose(1, 1, "withdrawn", None, None, None, False), [], []),
    "withdrawn after it was verified": (
        Dose(1, 1, "withdrawn", None, None, None, False),
        [Verification(1, 1, "exact")],
        [],
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_dose_in_a_final_state_breaks_no_rule(name: str) -> None:
    dose, verifications, certificates = GOOD[name]
    assert codes(dose, verifications, certificates) == set()


OFF = {
    "left pending": (ISSUED._replace(state="pending", grade=None, uvci=None), [], [], {"PENDING"}),
    "eligible, without certificate": (
        ISSUED._replace(state="eligible", uvci=None),
        [EXACT],
        [],
        {"NOT_CERTIFIED"},
    ),
    "signed, and records was not told": (
        ISSUED._replace(state="eligible", uvci=None),
        [EXACT],
        [SIGNED],
        {"NOT_CERTIFIED", "OF_NOTHING"},
    ),
    "issued, and nothing was signed": (ISSUED, [EXACT], [], {"ISSUED_WITHOUT"}),
    "issued by a decision that was never signed": (
        ISSUED,
        [EXACT],
        [SIGNED._replace(signed=False)],
        {"ISSUED_WITHOUT", "UNSIGNED"},
    ),
    "issued at another version": (
        ISSUED,
        [EXACT],
        [SIGNED._replace(version=1)],
        {"ISSUED_WITHOUT", "OF_NOTHING", "NOT_LET_THROUGH"},
    ),
    "two versions valid": (
        ISSUED,
        [EXACT],
        [SIGNED._replace(version=1, uvci="X"), SIGNED],
        {"TWICE", "OF_NOTHING", "NOT_LET_THROUGH"},
    ),
    "renewed, and records was not told": (
        ISSUED,
        [EXACT],
        [OLD._replace(uvci=SIGNED.uvci), RENEWED._replace(uvci="X")],
        {"OTHER_UVCI"},
    ),
    "renewal decided, and never signed": (
        ISSUED,
        [EXACT],
        [SIGNED, RENEWED._replace(uvci="X", signed=False)],
        {"UNSIGNED"},
    ),
    "the first edition is missing": (ISSUED, [EXACT], [RENEWED], {"EDITIONS"}),
    "an edition in the middle is missing": (
        ISSUED,
        [EXACT],
        [OLD, SIGNED._replace(edition=3)],
        {"EDITIONS"},
    ),
    "the newest edition is missing": (ISSUED, [EXACT], [OLD], {"OTHER_UVCI", "NOT_RENEWED"}),
    "an edition twice": (ISSUED, [EXACT], [OLD, RENEWED, RENEWED], {"EDITIONS"}),
    "two lines of editions": (
        ISSUED,
        [EXACT],
        [OLD, RENEWED, OLD._replace(version=1)],
        {"TWICE", "OF_NOTHING", "NOT_RENEWED", "NOT_LET_THROUGH"},
    ),
    "expired, and not renewed": (ISSUED, [EXACT], [SIGNED._replace(expired=True)], {"NOT_RENEWED"}),
    "another identifier": (ISSUED, [EXACT], [SIGNED._replace(uvci="X")], {"OTHER_UVCI"}),
    "withdrawn and still valid": (
        ISSUED._replace(state="withdrawn"),
        [EXACT],
        [SIGNED],
        {"OF_NOTHING"},
    ),
    "refused and certified": (
        ISSUED._replace(state="eligible", refusal="TOO_YOUNG"),
        [EXACT],
        [SIGNED],
        {"OF_NOTHING"},
    ),
    "waits for another reason, and is certified": (
        HELD._replace(person_changed=False),
        [LET_THROUGH, JUDGED],
        [FIRST],
        {"OF_NOTHING"},
    ),
    "waits to become another person's, and is certified as that one": (
        HELD,
        [LET_THROUGH, JUDGED],
        [SIGNED],
        {"OF_NOTHING", "NOT_LET_THROUGH"},
    ),
    "waits to become another person's, and certified by a version that nobody let through": (
        HELD,
        [LET_THROUGH._replace(grade="mismatch"), JUDGED],
        [FIRST],
        {"OF_NOTHING", "NOT_LET_THROUGH"},
    ),
    "waits to become another person's, and is certified twice": (
        HELD._replace(version=3),
        [LET_THROUGH, EXACT, JUDGED._replace(version=3)],
        [FIRST, SIGNED._replace(uvci="X")],
        {"TWICE"},
    ),
    "became another person's, and is certified as the first one's too": (
        ISSUED._replace(person_changed=True),
        [LET_THROUGH, EXACT],
        [FIRST, SIGNED],
        {"OF_NOTHING", "TWICE"},
    ),
    "withdrawn while it waited, and still valid": (
        HELD._replace(state="withdrawn", on_worklist=False),
        [LET_THROUGH, JUDGED],
        [FIRST],
        {"OF_NOTHING"},
    ),
    "too young, and on somebody's desk": (
        ISSUED._replace(state="eligible", uvci=None, refusal="TOO_YOUNG", on_worklist=True),
        [EXACT],
        [],
        {"STILL_ON_WORKLIST"},
    ),
    "refused, and people are not told": (
        ISSUED._replace(state="eligible", uvci=None, refusal="NAME_WITHOUT_LATIN"),
        [EXACT],
        [],
        {"NOT_ON_WORKLIST"},
    ),
    "a certificate of no dose": (None, [], [SIGNED], {"OF_NOTHING", "NOT_LET_THROUGH"}),
    "a verification of no dose": (None, [EXACT], [], {"VERIFIED_NOTHING"}),
    "issued, unknown to the verifier": (
        ISSUED,
        [EXACT._replace(version=1)],
        [SIGNED],
        {"NOT_VERIFIED", "NOT_LET_THROUGH"},
    ),
    "another grade": (ISSUED, [EXACT._replace(grade="repaired")], [SIGNED], {"OTHER_GRADE"}),
    "people are not told": (
        Dose(1, 1, "in_review", "review", None, None, False),
        [Verification(1, 1, "review")],
        [],
        {"NOT_ON_WORKLIST"},
    ),
    "people are told of what was withdrawn": (
        Dose(1, 1, "withdrawn", None, None, None, True),
        [],
        [],
        {"STILL_ON_WORKLIST"},
    ),
    "people are told of what was issued": (
        ISSUED._replace(on_worklist=True),
        [EXACT],
        [SIGNED],
        {"STILL_ON_WORKLIST"},
    ),
}


@pytest.mark.parametrize("name", OFF)
def test_what_is_off_is_named(name: str) -> None:
    dose, verifications, certificates, expected = OFF[name]
    assert codes(dose, verifications, certificates) == expected


def test_every_rule_is_broken_by_some_case() -> None:
    assert {code for *_, expected in OFF.values() for code in expected} == {
        rule.code for rule in RULES
    }


def test_of_a_dose_on_its_way_only_what_no_way_explains_is_named() -> None:
    on_its_way = Dose(1, 2, "eligible", "exact", None, None, False)
    for dose in (on_its_way, on_its_way._replace(state="pending", grade=None)):
        for verifications, certificates, expected in (
            ([EXACT], [], set()),
            ([EXACT], [SIGNED], set()),
            ([EXACT], [SIGNED._replace(signed=False)], set()),
            ([], [SIGNED], {"NOT_LET_THROUGH"}),
            ([JUDGED], [SIGNED], {"NOT_LET_THROUGH"}),
            ([LET_THROUGH, EXACT], [FIRST, SIGNED], {"TWICE"}),
        ):
            found = Found(dose, verifications, certificates)
            assert {rule.code for rule in rules_broken_in_motion(found)} == expected
    nothing = Found(None, [], [SIGNED])
    broken = {rule.code for rule in rules_broken_in_motion(nothing)}
    assert broken == {"OF_NOTHING", "NOT_LET_THROUGH"}
