"""The store of rate limits starts as compose.production.yaml says: with its password, which stands
in no argument.
"""

import asyncio
import os
import shutil
from pathlib import Path

import psutil
import pytest
import yaml

from services.chassis.errors import TransientError
from services.chassis.limits import LimitRefusal, RateLimits
from tests.support.paths import DEPLOY
from tests.support.stack import free_port

_SERVER = shutil.which("valkey-server") or shutil.which("redis-server")
_REFUSAL = LimitRefusal("TOO_MANY", "Quá nhiều.", "Too many.")


async def test_the_store_wants_the_password_of_its_file(tmp_path: Path) -> None:
    if _SERVER is None:
        reason = "neither Valkey nor Redis is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    password, port = tmp_path / "counters.password", free_port()
    password.write_text("s3cret+/=\n")
    production = yaml.safe_load((DEPLOY / "compose.production.yaml").read_text())
    shell, option, script = production["services"]["counters"]["command"]
    script = script.replace("$$", "$").replace("/run/secrets/counters.password", str(password))
    script = script.replace("valkey-server -", f"{_SERVER} - --port {port}")
    server = await asyncio.create_subprocess_exec(
        shell, option, script, cwd=tmp_path, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        address = f"async+redis://127.0.0.1:{port}"
        known = RateLimits(f"{address}?password_file={password}", {"a": "3 per day"}, _REFUSAL)
        async with asyncio.timeout(20):
            while True:
                try:
                    assert await known.count("a", "somebody")
                    break
                except TransientError:
                    assert server.returncode is None, "the server does not start"
                    await asyncio.sleep(0.05)
        with pytest.raises(TransientError):
            await RateLimits(address, {"a": "3 per day"}, _REFUSAL).count("a", "somebody")
        process = psutil.Process(server.pid)
        assert "server" in process.name(), "signals reach the server, not a shell before it"
        assert "s3cret" not in " ".join(process.cmdline())
    finally:
        server.terminate()
        await server.wait()
