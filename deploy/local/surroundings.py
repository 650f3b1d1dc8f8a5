"""Which variables of a shell the parts of the embedded mode see: those of the machine, none that
they could take for their settings.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_OF_THE_MACHINE = frozenset(
    {
        *(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "LANGUAGE",
            "TZ",
            "TMPDIR",
            "TMP",
            "TEMP",
            "VIRTUAL_ENV",
        ),
        *("LD_LIBRARY_PATH", "LD_PRELOAD", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    }
)
_KINDS = ("LC_", "XDG_", "PYTHON", "MALLOC_", "OMP_", "OPENBLAS_", "COVERAGE_")
_POSTGRES = "PG"


def of_the_machine(
    variables: Mapping[str, str] | None = None, *, postgres: bool = False
) -> dict[str, str]:
    """What a child process is given of `variables` (the own ones by default); `postgres`: also how
    its driver finds a server (`PG…`).

    A name like BUS, PORT or HTTP_PORT in somebody's shell belongs to another program.
    """
    given = os.environ if variables is None else variables
    kinds = (*_KINDS, _POSTGRES) if postgres else _KINDS
    return {
        name: value
        for name, value in given.items()
        if name in _OF_THE_MACHINE or name.startswith(kinds)
    }


@contextmanager
def without_postgres_variables() -> Iterator[None]:
    """Hides `PGPORT` and the like inside the block: they mean another server than the embedded one,
    which would obey them too.
    """
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_POSTGRES)}
    try:
        yield
    finally:
        os.environ.update(hidden)
