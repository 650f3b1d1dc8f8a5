"""A dose's case, and a refused acceptance, as the REST answers them."""

from contracts.case_states import CASE_TITLES, refused_acceptance
from services.records.told_cases.models import CaseOfDose, UnheldAcceptance
from services.records.told_cases.store import StoredCase


def case_out(stored: StoredCase | None) -> CaseOfDose | None:
    """The case where there is one."""
    if stored is None or stored.state is None or stored.act is None or stored.since is None:
        return None
    title = CASE_TITLES[stored.act]
    return CaseOfDose(
        state=stored.state,
        waiting_for=stored.waiting_for,
        since=stored.since,
        act=stored.act,
        title=title.vi,
        title_en=title.en,
    )


def unheld_out(stored: StoredCase | None) -> UnheldAcceptance | None:
    """The refusal of the last acceptance, where it was refused."""
    if stored is None or stored.refused is None or stored.refused_at is None:
        return None
    words = refused_acceptance(stored.refused)
    return UnheldAcceptance(
        code=stored.refused, message=words.vi, message_en=words.en, at=stored.refused_at
    )
