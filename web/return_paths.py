"""Where a browser may be sent back to: a page of ours, and nowhere else."""

import re
from typing import Final

# one slash, then nothing that a browser could read as another host or as a new line
_OWN: Final = re.compile(r"/(?![/\\])[A-Za-z0-9/._~!$&'()*+,;=:@%?-]*")
_LONGEST: Final = 1_000


def own_path(asked: str | None) -> str:
    """`asked` where it is a path of ours, else the front page."""
    if asked and len(asked) <= _LONGEST and _OWN.fullmatch(asked):
        return asked
    return "/"
