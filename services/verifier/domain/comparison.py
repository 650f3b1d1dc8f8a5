"""What comparing one attribute finds: a result and its reason, each pair once, so that a finding is
compared and looked up by identity.
"""

from dataclasses import dataclass
from functools import cache

from contracts.events import AttributeName, AttributeResult
from contracts.words import Reason, Result


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A result and why it is no plain match; made by `finding` only."""

    result: Result
    reason: Reason | None


@cache
def finding(result: Result, reason: Reason | None) -> Finding:
    """The one finding of this result and reason."""
    return Finding(result, reason)


SAME = finding(Result.MATCH, None)


def equal(reason: Reason) -> Finding:
    """The same data in another spelling."""
    return finding(Result.EQUIVALENT, reason)


def part(reason: Reason) -> Finding:
    """One known slip, which the policy may repair."""
    return finding(Result.PARTIAL, reason)


def other(reason: Reason) -> Finding:
    """Other data, or several slips at once, whose reason only guides people."""
    return finding(Result.MISMATCH, reason)


def absent(reason: Reason) -> Finding:
    """Nothing was typed."""
    return finding(Result.ABSENT_IN_REQUEST, reason)


@cache
def attribute(name: AttributeName, found: Finding) -> AttributeResult:
    """A finding as an event carries it; there are few, so they are shared."""
    return AttributeResult(name=name, result=found.result, reason=found.reason)
