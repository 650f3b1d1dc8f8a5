"""Findings as the REST answers them: of a dose beyond the caller's reach only that there is one.

Anybody who records a dose under a number could otherwise learn where, when and with what its
holder was vaccinated. Who steers is told which rule is broken, to whom it is of use; others are
told that the two doses contradict each other.
"""

from contracts.access import Reach, Role, callers_reach
from services.chassis.auth import Principal
from services.records.histories import models
from services.records.histories.rules import MEANINGS, Code
from services.records.histories.store.findings import FindingDoseRow, StoredFinding

_STEERING = frozenset({Role.PROVINCE, Role.MINISTRY, Role.SERVICE})
_SETTLING = _STEERING | {Role.STATION}


def steers(caller: Principal) -> bool:
    """Whether the caller is told rules that doses beyond reach break, and numbers of crowds."""
    return bool(caller.roles & _STEERING)


def sees_both(finding: StoredFinding, reach: Reach) -> bool:
    """Whether both doses are within reach."""
    return _covers(reach, finding.dose) and _covers(reach, finding.other)


def may_settle(finding: StoredFinding, caller: Principal) -> bool:
    """Whether the caller may say that nothing is wrong: sees both doses, and recorded neither.

    A facility never judges what it recorded itself.
    """
    return bool(caller.roles & _SETTLING) and sees_both(finding, callers_reach(caller))


def finding_item(finding: StoredFinding, caller: Principal) -> models.Finding:
    """A stored finding as the caller may see it."""
    reach = callers_reach(caller)
    whole = steers(caller) or sees_both(finding, reach)
    code = finding.kind if whole else Code.BEYOND_REACH
    meaning = MEANINGS[code]
    return models.Finding(
        finding_id=finding.id,
        kind=meaning.kind,
        code=code,
        severity=meaning.severity,
        message=meaning.vi,
        message_en=meaning.en,
        since=finding.since,
        dose=_dose(finding.dose, reach),
        other=_dose(finding.other, reach),
        outcome=finding.outcome,
    )


def shown_doses(finding: StoredFinding, caller: Principal) -> list[int]:
    """The ids of the doses that the caller is shown, for the audit."""
    reach = callers_reach(caller)
    return [dose.dose_id for dose in (finding.dose, finding.other) if _covers(reach, dose)]


def _covers(reach: Reach, dose: FindingDoseRow) -> bool:
    return reach.covers(dose.facility_code, dose.residence)


def _dose(dose: FindingDoseRow, reach: Reach) -> models.FindingDose:
    if not _covers(reach, dose):
        return models.BEYOND_REACH
    facts = dose._asdict()
    del facts["residence"]
    return models.FindingDose(**facts)
