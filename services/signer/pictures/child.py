"""A process of its own that reads pictures: `python -m services.signer.pictures.child`.

In: a length and a picture, again and again. Out: a length and JSON.

What decodes pictures and documents is written in languages in which a hostile file may take over
the process or all memory. This process has no key, no password and no database. It may not take
more than `MEMORY`, nor write a file. Its parent ends it where it takes too long. It ends by itself
when its input does.
"""

import json
import resource
import sys
from typing import BinaryIO

from services.signer.pictures.kinds import UnknownKindError
from services.signer.pictures.scanned_codes import read_codes

MEMORY = 768_000_000
"""Bytes of data that the process may have; the costliest pictures within the bounds take half of
it.
"""
LENGTH = 8
"""Bytes of a length, the most significant first."""


def answer(picture: bytes) -> dict[str, object]:
    """`codes`: the texts; or `refused`: `unreadable`, or the name of the kind that is not read."""
    try:
        return {"codes": read_codes(picture)}
    except UnknownKindError as error:
        return {"refused": str(error)}
    except (ValueError, MemoryError):
        return {"refused": "unreadable"}


def main(received: BinaryIO, sent: BinaryIO) -> None:
    """Answers one picture after the other until there are no more."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while head := received.read(LENGTH):
        content = json.dumps(answer(received.read(int.from_bytes(head, "big")))).encode()
        sent.write(len(content).to_bytes(LENGTH, "big") + content)
        sent.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
