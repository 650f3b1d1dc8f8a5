"""Comparison levels: how one attribute of a typed person compares with the registered one.

There are few of them. Each is made once, so that code compares and looks them up by identity.
"""

from dataclasses import dataclass
from functools import cache

from contracts.events import AttributeName, AttributeResult
from contracts.words import Reason, Result


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A result, and the reason why it is no plain match. Only `comparison` makes one."""

    result: Result
    reason: Reason | None


@cache
def comparison(result: Result, reason: Reason | None) -> Comparison:
    """The one comparison of this result and reason."""
    return Comparison(result, reason)


MATCH = comparison(Result.MATCH, None)


def equivalent(reason: Reason) -> Comparison:
    """The same data in another spelling."""
    return comparison(Result.EQUIVALENT, reason)


def partial(reason: Reason) -> Comparison:
    """One known slip, which the policy may repair."""
    return comparison(Result.PARTIAL, reason)


def mismatch(reason: Reason) -> Comparison:
    """Other data, or several slips at once. The reason only guides people."""
    return comparison(Result.MISMATCH, reason)


def absent(reason: Reason) -> Comparison:
    """Nothing was typed."""
    return comparison(Result.ABSENT_IN_REQUEST, reason)


@cache
def attribute_result(name: AttributeName, compared: Comparison) -> AttributeResult:
    """A comparison as an event carries it. There are few, so they are shared."""
    return AttributeResult(name=name, result=compared.result, reason=compared.reason)
