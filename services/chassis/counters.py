"""Opens the store in which limits are counted, by its address; a password stands in a file that
the address names.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from limits.storage import storage_from_string

_FILE = "password_file"


def open_counters(address: str) -> Any:
    """The store at `async+memory://`, or at `async+redis://host:6379?password_file=/path`.

    OSError where the file cannot be read. `user@` before the host names another user than the
    default one.
    """
    url = urlsplit(address)
    options = dict(parse_qsl(url.query))
    file = options.pop(_FILE, None)
    if file is None:
        return storage_from_string(address, wrap_exceptions=True)
    password = Path(file).read_text().strip()
    # the library ignores a user who has no password in the address itself
    user = {"username": url.username} if url.username else {}
    plain = url._replace(query=urlencode(options), netloc=url.netloc.rpartition("@")[2])
    return storage_from_string(plain.geturl(), wrap_exceptions=True, password=password, **user)
