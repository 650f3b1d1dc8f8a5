"""What must hold of each dose across the three databases once everything has come to rest, as a
table; pure.

Personal data has no part in it: a dose is its id, and so are the examples that are shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.refusals import asks_people
from contracts.words import ELIGIBLE_GRADES, State


class Dose(NamedTuple):
    """A dose at its current version, as records has it."""

    dose_id: int
    version: int
    state: str
    grade: str | None
    uvci: str | None
    refusal: str | None
    on_worklist: bool
    person_changed: bool = False
    """Whether it waits for people because a correction would give it to another person."""


class Verification(NamedTuple):
    """A verification of one version, as the verifier has it."""

    dose_id: int
    version: int
    grade: str


class Certificate(NamedTuple):
    """What the signer decided to sign and has not revoked, edition by edition; not `signed` where
    that was never finished.
    """

    dose_id: int
    version: int
    edition: int
    uvci: str
    signed: bool
    expired: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that the three databases say of one dose id."""

    dose: Dose | None
    verifications: Sequence[Verification]
    certificates: Sequence[Certificate]

    @property
    def verification(self) -> Verification | None:
        """The one of the dose's current version."""
        return next(
            (one for one in self.verifications if self.dose and one.version == self.dose.version),
            None,
        )

    @property
    def valid(self) -> list[Certificate]:
        """The signed certificates that are not revoked, the newest edition of each version."""
        return list({one.version: one for one in sorted(self.certificates) if one.signed}.values())

    @property
    def state(self) -> str | None:
        """The dose's state; None where records has no such dose."""
        return self.dose.state if self.dose else None


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be off."""

    code: str
    vi: str
    en: str
    broken: Callable[[Found], bool]


_TO_PEOPLE = (State.NEEDS_CORRECTION, State.IN_REVIEW)


def _waits(dose: Dose) -> bool:
    return dose.state in _TO_PEOPLE or (
        dose.state == State.ELIGIBLE and dose.refusal is not None and asks_people(dose.refusal)
    )


def _certificate_of_nothing(found: Found) -> bool:
    dose = found.dose
    return any(
        dose is None or not (_is_issued_for(dose, one) or _stays_meanwhile(found, dose, one))
        for one in found.valid
    )


def _is_issued_for(dose: Dose, certificate: Certificate) -> bool:
    return dose.state == State.ISSUED and certificate.version == dose.version


def _stays_meanwhile(found: Found, dose: Dose, certificate: Certificate) -> bool:
    """While people decide whether the dose is another person's, it is certified as the first one's,
    of a version that was let through.
    """
    waits = dose.state in _TO_PEOPLE and dose.person_changed and certificate.version < dose.version
    return waits and any(
        one.version == certificate.version and one.grade in ELIGIBLE_GRADES
        for one in found.verifications
    )


def _not_let_through(found: Found) -> bool:
    """What a forged conclusion would leave behind: the verifier has none of its own."""
    let_through = {
        judged.version for judged in found.verifications if judged.grade in ELIGIBLE_GRADES
    }
    return any(one.version not in let_through for one in found.valid)


def _issued_without(found: Found) -> bool:
    return (
        found.state == State.ISSUED
        and found.dose is not None
        and all(one.version != found.dose.version for one in found.valid)
    )


def _other_identifier(found: Found) -> bool:
    dose = found.dose
    return (
        dose is not None
        and dose.state == State.ISSUED
        and any(one.version == dose.version and one.uvci != dose.uvci for one in found.valid)
    )


def _off_editions(found: Found) -> bool:
    editions: dict[int, list[int]] = {}
    for one in sorted(found.certificates):
        editions.setdefault(one.version, []).append(one.edition)
    return any(numbers != list(range(1, len(numbers) + 1)) for numbers in editions.values())


def _not_renewed(found: Found) -> bool:
    return found.state == State.ISSUED and any(one.expired for one in found.valid)


def _other_grade(found: Found) -> bool:
    judged = found.verification
    if found.dose is None or judged is None or found.state in (State.PENDING, State.WITHDRAWN):
        return False
    return judged.grade != found.dose.grade


RULES = (
    Rule(
        "PENDING", "mũi tiêm còn chờ", "dose left pending",
        lambda found: found.state == State.PENDING,
    ),
    Rule(
        "NOT_CERTIFIED", "đủ điều kiện nhưng chưa có chứng nhận",
        "eligible, due a certificate, and has none",
        lambda found: (
            found.state == State.ELIGIBLE
            and found.dose is not None
            and found.dose.refusal is None
        ),
    ),
    Rule("ISSUED_WITHOUT", "ghi là đã cấp nhưng bên ký không có",
    "issued, but the signer has no such certificate", _issued_without),
    Rule("OF_NOTHING", "chứng nhận không ứng với mũi tiêm nào",
    "valid certificate of no issued dose", _certificate_of_nothing),
    Rule("NOT_LET_THROUGH", "chứng nhận của phiên bản mà bên xác minh chưa cho qua",
    "valid certificate of a version that the verifier did not let through", _not_let_through),
    Rule(
        "TWICE", "một mũi tiêm có nhiều chứng nhận còn hiệu lực",
        "several valid certificates of one dose",
        lambda found: len(found.valid) > 1,
    ),
    Rule("EDITIONS", "các lần gia hạn của chứng nhận không liên tục",
    "editions of a certificate have a gap", _off_editions),
    Rule("NOT_RENEWED", "chứng nhận mới nhất đã hết hạn, chưa gia hạn",
    "the newest certificate has expired", _not_renewed),
    Rule("OTHER_UVCI", "mã chứng nhận hai bên khác nhau",
    "records and signer name different certificates", _other_identifier),
    Rule(
        "UNSIGNED", "đã quyết định ký nhưng chưa ký", "decided to be signed, and never was",
        lambda found: any(not one.signed for one in found.certificates),
    ),
    Rule(
        "NOT_VERIFIED", "chưa có kết quả xác minh của phiên bản hiện hành",
        "judged, but the verifier knows nothing of it",
        lambda found: found.state not in (None, State.PENDING,
        State.WITHDRAWN) and found.verification is None,
    ),
    Rule("OTHER_GRADE", "kết quả xác minh hai bên khác nhau",
    "records and verifier disagree on the grade", _other_grade),
    Rule(
        "VERIFIED_NOTHING", "xác minh một mũi tiêm không tồn tại",
        "verification of a dose that records does not have",
        lambda found: found.dose is None and bool(found.verifications),
    ),
    Rule(
        "NOT_ON_WORKLIST", "cần người xử lý nhưng không có trong danh sách việc",
        "waits for people who are not told",
        lambda found: found.dose is not None and _waits(found.dose) and not found.dose.on_worklist,
    ),
    Rule(
        "STILL_ON_WORKLIST", "còn trong danh sách việc dù không cần ai xử lý",
        "on the worklist, and waits for nobody",
        lambda found: found.dose is not None and not _waits(found.dose) and found.dose.on_worklist,
    ),
)  # fmt: skip
"""Every rule of a single dose, in the order in which they are shown."""


def broken_rules(found: Found) -> list[Rule]:
    """The rules that one dose breaks."""
    return [rule for rule in RULES if rule.broken(found)]


_AT_REST = frozenset({"PENDING", "NOT_CERTIFIED", "UNSIGNED"})
"""What every dose breaks for a while."""
_IN_MOTION = frozenset({"NOT_LET_THROUGH", "TWICE", "EDITIONS", "VERIFIED_NOTHING"})
"""What no dose breaks even on its way from service to service."""


def rules_broken_in_motion(found: Found) -> list[Rule]:
    """The rules that one dose breaks, but for what its way from service to service explains."""
    dose = found.dose
    on_its_way = dose is not None and (
        dose.state == State.PENDING or (dose.state == State.ELIGIBLE and dose.refusal is None)
    )
    return [
        rule
        for rule in broken_rules(found)
        if (rule.code in _IN_MOTION if on_its_way else rule.code not in _AT_REST)
    ]
