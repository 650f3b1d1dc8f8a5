"""`python -m deploy.local.event_keys HOME list | next WRITER | retire KID`: the keys that sign
events.

They lie in `HOME/secrets`: a private key each service (`records.events` and so on), and
`writers.json` with the public keys that readers believe. `next` makes another key of a writer, as
`WRITER.events.next`, and has it believed beside the present one; `retire` takes one out.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contracts.topics import TOPICS
from deploy.local.home import Home, write_private
from services.chassis.bus.event_keys import (
    EventKeyError,
    WriterKey,
    jwk_of,
    key_id,
    read_private,
    read_writers,
)

WRITERS = tuple(sorted({topic.writer for topic in TOPICS}))


def private_file(home: Home, writer: str) -> Path:
    """Where a service's own key lies."""
    return home.root / "secrets" / f"{writer}.events"


def writers_file(home: Home) -> Path:
    """Where the public keys of all writers lie."""
    return home.root / "secrets" / "writers.json"


def prepare(home: Home) -> None:
    """Makes the keys that are missing, and has them believed."""
    known = believed(home)
    for writer in WRITERS:
        file = private_file(home, writer)
        if not file.exists():
            _make(file)
        public = read_private(file).public_key()
        known[key_id(public)] = WriterKey(writer, public)
    if known != believed(home):
        _believe(home, known)


def believed(home: Home) -> dict[str, WriterKey]:
    """The public keys by thumbprint."""
    return read_writers(writers_file(home)) if writers_file(home).exists() else {}


def add_next(home: Home, writer: str) -> Path:
    """Makes a writer's next key, which is believed from now on; answers its file."""
    file = private_file(home, writer).with_suffix(".events.next")
    _make(file)
    public = read_private(file).public_key()
    _believe(home, {**believed(home), key_id(public): WriterKey(writer, public)})
    return file


def retire(home: Home, kid: str) -> None:
    """Takes a key out of those that are believed; EventKeyError where it is not among them, or
    still signs.
    """
    known = believed(home)
    if kid not in known:
        raise EventKeyError(f"{kid} is not in {writers_file(home)}")
    if kid == key_id(read_private(private_file(home, known[kid].writer)).public_key()):
        raise EventKeyError(f"{kid} still signs for {known[kid].writer}")
    del known[kid]
    _believe(home, known)


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    made = Ed25519PrivateKey.generate()
    write_private(file, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _believe(home: Home, known: dict[str, WriterKey]) -> None:
    keys = [jwk_of(*entry) for entry in known.values()]
    content = json.dumps({"keys": keys}, indent=1).encode()
    file = writers_file(home)
    if file.exists():
        # in place, because a container has mounted this very file
        mode = file.stat().st_mode
        file.chmod(mode | 0o200)
        file.write_bytes(content)
        file.chmod(mode)
    else:
        write_private(file, content)


def main(arguments: Sequence[str]) -> str:
    """Runs one command and answers what to print; SystemExit where it is none."""
    match arguments:
        case [home, "list"]:
            known = believed(Home(Path(home)))
            return "\n".join(f"{kid} {key.writer}" for kid, key in known.items())
        case [home, "next", writer] if writer in WRITERS:
            return f"{add_next(Home(Path(home)), writer)} is believed"
        case [home, "retire", kid]:
            try:
                retire(Home(Path(home)), kid)
            except EventKeyError as error:
                raise SystemExit(str(error)) from error
            return f"{kid} is believed no more"
    raise SystemExit(__doc__)


if __name__ == "__main__":
    print(main(sys.argv[1:]))
