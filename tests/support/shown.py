"""The part of an answer that a page shows: an object's named members, a list's first items, and
`…` for what differs from run to run.
"""

from itertools import zip_longest
from typing import Any

_ANYTHING = "…"


def differences(shown: Any, answer: Any, path: str = "") -> list[str]:
    """Where the answer is not what the page shows, each with its path; empty where it is."""
    if shown == _ANYTHING:
        return []
    if isinstance(shown, dict) and isinstance(answer, dict):
        return [
            difference
            for name, value in shown.items()
            for difference in differences(value, answer.get(name), f"{path}.{name}")
        ]
    if isinstance(shown, list) and isinstance(answer, list) and shown:
        pairs = zip_longest(shown, answer[: len(shown)])
        return [
            difference
            for at, (value, own) in enumerate(pairs)
            for difference in differences(value, own, f"{path}[{at}]")
        ]
    return [] if shown == answer else [f"{path}: {answer!r}, the page shows {shown!r}"]
