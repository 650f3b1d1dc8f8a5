"""A real Keycloak with our realm, where Java and Maven are; in CI they must be."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tests.support.kafka import needed_tools
from tests.support.paths import DEPLOY, ROOT
from tests.support.stack import free_port

_VERSION: Final = "26.5.6"
_UNPACK: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack"
_START_S: Final = 300.0
PASSWORD: Final = "mat-khau-thu-nghiem"


@dataclass(frozen=True, slots=True)
class Keycloak:
    """A running provider: its issuer, and the secret of our client."""

    issuer: str
    secret: str

    @property
    def jwks(self) -> str:
        """Where its keys are."""
        return f"{self.issuer}/protocol/openid-connect/certs"


def program() -> Path:
    """Keycloak unpacked, by Maven once; RuntimeError with its last words where it cannot be had."""
    folder = ROOT / "build" / "keycloak" / f"keycloak-{_VERSION}"
    if folder.is_dir():
        return folder
    part = folder.parent / f"part.{os.getpid()}"
    done = subprocess.run(
        [
            *("mvn", "-q", "-B", _UNPACK, f"-DoutputDirectory={part}"),
            f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{_VERSION}:zip",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Maven could not fetch Keycloak: {done.stdout[-500:]}")
    try:
        (part / folder.name).rename(folder)
    except OSError:
        pass  # another process was faster
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def realm_with(users: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    """Our realm with people in it; each has a name, realm roles and attributes."""
    realm: dict[str, Any] = json.loads((DEPLOY / "keycloak/hochieu-realm.json").read_text())
    whole = [
        {
            "enabled": True,
            "email": f"{user['username']}@example.vn",
            "firstName": "Thử",
            "lastName": user["username"],
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            **user,
        }
        for user in users
    ]
    return {**realm, **settings, "users": whole}


@contextmanager
def keycloak(realm: dict[str, Any], origin: str) -> Iterator[Keycloak]:
    """Runs it for pages at `origin`; skips where Java or Maven is missing, and fails in CI."""
    needed_tools()
    with tempfile.TemporaryDirectory(prefix="hochieu-keycloak-") as place:
        home = Path(place) / "keycloak"
        shutil.copytree(program(), home)
        (home / "data/import").mkdir(parents=True)
        (home / "data/import/hochieu-realm.json").write_text(json.dumps(realm))
        port, secret = free_port(), "a-secret-of-this-run"
        log = (Path(place) / "log").open("wb")
        process = subprocess.Popen(
            [
                *("sh", str(home / "bin/kc.sh"), "start-dev", "--db=dev-mem", "--import-realm"),
                *("--http-host=127.0.0.1", f"--http-port={port}", "--cache=local"),
            ],
            env={
                "PATH": os.environ["PATH"],
                "HOME": place,
                "HOCHIEU_WEB_CLIENT_SECRET": secret,
                "HOCHIEU_ORIGIN": origin,
                "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx600m",
                "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            issuer = f"http://127.0.0.1:{port}/realms/hochieu"
            _wait(process, issuer, Path(place) / "log")
            yield Keycloak(issuer, secret)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


def _wait(process: "subprocess.Popen[bytes]", issuer: str, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    with httpx.Client(timeout=10, trust_env=False) as client:
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Keycloak did not start: {log.read_text()[-1500:]}")
            try:
                if client.get(f"{issuer}/.well-known/openid-configuration").is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
