"""A process of its own that reads pictures:
`python -m services.signer.pictures.child CPU_SECONDS MEMORY NICENESS`.

In: a length and a picture, again and again. Out: lengths and JSON, one after each look at the
picture; the last of a picture is marked as such.

What decodes pictures and documents is written in languages in which a hostile file may take over
the process, all memory or all time. This process has no key, no password and no database. It may
not take more than `MEMORY` bytes, nor write a file. The kernel ends it where one picture takes more
than `CPU_SECONDS`, wherever it is then, however busy the machine. It ends by itself when its input
does.
"""

import json
import os
import resource
import signal
import sys
from typing import BinaryIO

from services.signer.pictures.kinds import UnknownKindError
from services.signer.pictures.scanned_codes import looks

LENGTH = 8
"""Bytes of a length, the most significant first."""


def answer(picture: bytes, sent: BinaryIO) -> None:
    """Sends `codes` (the texts so far) after each look, or `refused`: `unreadable`, `costly`, or
    the name of the kind that is not read.
    """
    last: dict[str, object]
    texts: list[str] = []
    try:
        for texts in looks(picture):
            _send({"codes": texts}, sent)
        last = {"codes": texts}
    except UnknownKindError as error:
        last = {"refused": str(error)}
    except MemoryError:
        last = {"refused": "costly"}
    except ValueError:
        last = {"refused": "unreadable"}
    _send(last | {"last": True}, sent)


def main(cpu_s: float, memory: int, niceness: int, received: BinaryIO, sent: BinaryIO) -> None:
    """Answers one picture after the other until there are no more."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    os.nice(niceness)
    while head := received.read(LENGTH):
        picture = received.read(int.from_bytes(head, "big"))
        # counts what the process computes; nobody handles the signal, so it ends the process
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        answer(picture, sent)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _send(message: dict[str, object], sent: BinaryIO) -> None:
    content = json.dumps(message).encode()
    sent.write(len(content).to_bytes(LENGTH, "big") + content)
    sent.flush()


if __name__ == "__main__":
    cpu_seconds, bytes_of_data, nice = sys.argv[1:]
    main(float(cpu_seconds), int(bytes_of_data), int(nice), sys.stdin.buffer, sys.stdout.buffer)
