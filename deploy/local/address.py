"""Addresses of servers as people type them: a password keeps its signs, whether they are written
with `%` or as they are.
"""

import re
from urllib.parse import parse_qsl, unquote

from sqlalchemy.engine import URL

# the password goes up to the last @ behind which a host can stand, so that it may hold any sign
_POSTGRES = re.compile(
    r"postgres(?:ql)?://"
    r"(?:(?P<user>[^:/@]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/(?P<database>[^/?@]*))?(?:\?(?P<options>[^@]*))?",
    re.DOTALL,
)
_KAFKA_SERVER = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/@:,\[\]]+)(?::[0-9]{1,5})?"
_KAFKA = re.compile(rf"kafka://{_KAFKA_SERVER}(?:,{_KAFKA_SERVER})*/?")
_OPTIONS = ("host", "sslmode")


class AddressError(ValueError):
    """The address is not of the needed form; the text says which form that is, and nothing of the
    address.
    """


def postgres_address(text: str) -> URL:
    """`postgresql://user:password@host:port/database` in its parts, the database `postgres` by
    default; AddressError for another form.
    """
    match = _POSTGRES.fullmatch(text.strip())
    if match is None or (match["port"] and not 0 < int(match["port"]) < 65536):
        raise AddressError("postgresql://user:password@host:port/database")
    options = dict(parse_qsl(match["options"] or ""))
    if not options.keys() <= set(_OPTIONS):
        raise AddressError(f"postgresql://…?{'=…&'.join(_OPTIONS)}=…")
    return URL.create(
        "postgresql",
        username=_plain(match["user"]),
        password=_plain(match["password"]),
        host=match["host"].strip("[]") or None,
        port=int(match["port"]) if match["port"] else None,
        database=_plain(match["database"]) or "postgres",
        query=options,
    )


def bus_address(text: str) -> str:
    """`kafka://host:port,host2:port`, or the event log's `postgresql://…`, as services take it;
    AddressError for another form.
    """
    if text.lstrip().startswith("postgres"):
        return postgres_address(text).render_as_string(hide_password=False)
    if not _KAFKA.fullmatch(text.strip()):
        raise AddressError("kafka://host:port,host2:port")
    return text.strip()


def _plain(text: str | None) -> str | None:
    return None if text is None else unquote(text)
