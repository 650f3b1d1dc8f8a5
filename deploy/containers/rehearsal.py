"""One run of the whole stack: a batch in, certificates out, a container killed and back, and the
walls tried from inside.
"""

import csv
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from contracts.access import Role
from contracts.words import State
from deploy.cli.client import settled
from deploy.containers import images, secret_files
from deploy.containers.engine import Engine, EngineError
from deploy.local import issuer
from deploy.local.home import Home
from deploy.sample import generate

COMPOSE = images.ROOT / "deploy" / "compose.yaml"
PROJECT, IMAGE = "hochieu-rehearsal", "localhost/hochieu:rehearsal"
PEOPLE, DOSES, SEED = 10_000, 20_000, 2021
_VICTIM = "verifier-worker"


class FailedError(Exception):
    """What was expected did not come."""


class Rehearsal:
    """Holds what a run needs; `tell` is given each line of the story."""

    def __init__(self, build: Path, tell: Callable[[str], None]) -> None:
        self._build = build
        self._engine = Engine(build)
        self._tell = tell
        self._home = Home(build / "home")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self._origin = f"https://127.0.0.1:{port}"
        self._environment = {
            "HOCHIEU_IMAGE": IMAGE,
            "HOCHIEU_PORT": str(port),
            "HOCHIEU_SECRETS": str(secret_files.provide(self._home)),
            "HOCHIEU_PEOPLE": str(PEOPLE),
            "HOCHIEU_SEED": str(SEED),
            "HOCHIEU_ORIGIN": self._origin,
        }
        self._believed = ssl.create_default_context(cafile=str(self._home.jwks.parent / "edge.crt"))

    def run(self) -> None:
        """Everything; FailedError or EngineError where it does not go as it should. Nothing is left
        running.
        """
        compose = yaml.safe_load(COMPOSE.read_text())
        left_out = images.provide(self._engine, compose, self._build, IMAGE, self._tell)
        services = [
            name
            for name, service in compose["services"].items()
            if name not in left_out and "profiles" not in service
        ]
        self._compose("down", "--volumes")
        try:
            self._start(["postgres", "kafka"])
            migrations = [name for name in services if name.startswith("migrate-")]
            self._start(migrations)
            self._start(
                [name for name in services if name not in {"postgres", "kafka", *migrations}]
            )
            self._walls()
            self._edge()
            self._pipeline()
            self._audited()
            if "prometheus" in services:
                self._scraped()
        finally:
            self._keep_logs(services)
            self._compose("down", "--volumes")

    def _start(self, services: list[str]) -> None:
        began = time.monotonic()
        self._compose("up", "--detach", "--no-deps", *services)
        self._until(
            lambda: all(self._healthy(name) for name in services),
            f"{', '.join(services)} healthy",
            180,
        )
        self._tell(f"healthy after {time.monotonic() - began:.0f} s: {', '.join(services)}")

    def _healthy(self, service: str) -> bool:
        name = self._engine.container(PROJECT, service)
        if service == "prometheus":  # its image has no check of its own
            return bool(self._engine.inspect(name)["Running"])
        if service.startswith("migrate-"):  # ends when it is done
            state = self._engine.inspect(name)
            return not state["Running"] and state["ExitCode"] == 0
        return self._engine.healthy(name)

    def _walls(self) -> None:
        """Each container sees what it may, and nothing more."""
        registry = "import socket; socket.create_connection(('registry', 8080), 3)"
        keys = (
            "import os, sys; sys.exit(not any(name.startswith('dsc') for name in"
            " os.listdir('/keys')))"
        )
        mail = "import socket; socket.create_connection(('mail', 2525), 3)"
        allowed = {
            "the registry": (registry, {"verifier-api", "verifier-worker"}),
            "the signing keys": (keys, {"signer-api", "signer-worker"}),
            "the mail server": (mail, {"records-worker", "signer-api"}),
        }
        parts = [
            f"{service}-{duty}" for service in secret_files.SERVICES for duty in ("api", "worker")
        ]
        for what, (attempt, expected) in allowed.items():
            reached = {part for part in parts if self._python(part, attempt)}
            if reached != expected:
                raise FailedError(
                    f"{what}: reached by {sorted(reached)}, but only {sorted(expected)} may"
                )
            self._tell(f"{what}: reached by {', '.join(sorted(reached))} and by no other part")
        for part in parts:
            if not self._python(part, "import os, sys; sys.exit(os.getuid() != 10001)"):
                raise FailedError(f"{part} does not run as the image's own user")
            if self._python(part, "open('/app/written', 'w')") or self._python(
                part, "open('/etc/written', 'w')"
            ):
                raise FailedError(f"{part} can write to its own root")
        self._tell("every part runs without rights on a read-only root")

    def _edge(self) -> None:
        """The one way in: TLS, no rights, no way to what stands behind the services."""
        name = self._engine.container(PROJECT, "edge")
        forbidden = {
            "runs as root": "test $(id -u) = 0",
            "writes to its root": "touch /etc/written",
            "reaches the database": "curl -s --max-time 3 telnet://postgres:5432 </dev/null",
        }
        for what, attempt in forbidden.items():
            if self._engine.succeeds("exec", name, "sh", "-c", attempt):
                raise FailedError(f"the edge {what}")
        with self._client() as client:
            for path, expected in {
                "/records/readyz": 200,
                "/signer/readyz": 200,
                "/mail/messages": 200,
                "/records/metrics": 404,
            }.items():
                if (status := client.get(path).status_code) != expected:
                    raise FailedError(f"{path} is answered {status} by the edge")
        self._tell("the edge speaks TLS, routes the parts and no metrics, and has no rights")

    def _client(self, token: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(
            base_url=self._origin, headers=headers, timeout=120, verify=self._believed
        )

    def _pipeline(self) -> None:
        """A batch goes in; a worker is killed while it has work; every dose settles all the
        same.
        """
        sample = self._build / "sample"
        generate(PEOPLE, SEED, sample, DOSES)
        token = issuer.token(self._home, Role.SERVICE)
        with self._client(token) as client:
            posted = client.post(
                "/records/v1/batches",
                content=(sample / "doses.csv").read_bytes(),
                headers={"Content-Type": "text/csv"},
            )
            if posted.status_code != 202:
                raise FailedError(
                    f"the batch was answered {posted.status_code}: {posted.text[:300]}"
                )
            self._kill(
                lambda: int(
                    self._batch(client, posted.json()["batch_id"])["states"].get(State.PENDING, 0)
                )
            )
            batch = self._settle(client, posted.json()["batch_id"])
            states = {state: count for state, count in batch["states"].items() if count}
            if batch["received"] != batch["accepted"] + batch["rejected"] or batch[
                "accepted"
            ] != sum(states.values()):
                raise FailedError(f"rows are missing: {batch}")
            if not states.get(State.ISSUED):
                raise FailedError(f"no certificate was issued: {states}")
            self._tell(f"{batch['received']:,} rows in, {batch['rejected']:,} rejected; {states}")
            self._shown(client, self._vaccinated(client, sample, batch["batch_id"]))

    def _kill(self, pending: Callable[[], int]) -> None:
        """Ends a worker that has doses to work on, as the kernel would when memory runs out; the
        engine has to bring it back.
        """
        name = self._engine.container(PROJECT, _VICTIM)
        pid = int(str(self._engine.inspect(name)["Pid"]))
        os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        waiting = pending()
        if not waiting:
            raise FailedError(
                f"{_VICTIM} had no work left when it was killed, so that nothing is proved"
            )

        def back() -> bool:
            state = self._engine.inspect(name)
            return bool(state["Running"]) and state["Pid"] not in (0, pid)

        self._until(back, f"{_VICTIM} restarted", 60)
        self._until(lambda: self._engine.healthy(name), f"{_VICTIM} healthy again", 90)
        self._tell(
            f"{_VICTIM} killed with {waiting:,} doses before it, and healthy again after"
            f" {time.monotonic() - began:.0f} s"
        )

    def _batch(self, client: httpx.Client, batch_id: int) -> dict[str, Any]:
        return dict(client.get(f"/records/v1/batches/{batch_id}").raise_for_status().json())

    def _settle(self, client: httpx.Client, batch_id: int) -> dict[str, Any]:
        batch: dict[str, Any] = {}

        def done() -> bool:
            batch.update(self._batch(client, batch_id))
            return settled(batch)

        self._until(done, "every dose in a final state", 180)
        return batch

    def _vaccinated(self, client: httpx.Client, sample: Path, batch_id: int) -> str:
        """The number of somebody who was issued a certificate."""
        rows = (
            client.get(
                f"/records/v1/batches/{batch_id}/rows", params={"state": "issued", "limit": 20}
            )
            .raise_for_status()
            .json()["items"]
        )
        issued = {row["source_id"] for row in rows}
        with (sample / "truth.csv").open(newline="") as truth:
            return next(
                row["true_personal_id"]
                for row in csv.DictReader(truth)
                if row["source_id"] in issued and row["true_personal_id"]
            )

    def _shown(self, client: httpx.Client, personal_id: str) -> None:
        token = issuer.token(self._home, Role.CITIZEN, personal_id=personal_id)
        passport = (
            client.get("/signer/v1/me/passport", headers={"Authorization": f"Bearer {token}"})
            .raise_for_status()
            .json()
        )
        verdict = (
            client.post("/signer/v1/verify", json={"qr": passport["certificates"][-1]["qr"]})
            .raise_for_status()
            .json()
        )
        if not verdict["valid"]:
            raise FailedError(f"a certificate just issued is not believed: {verdict['code']}")
        self._tell("a citizen fetches a passport, and its code is verified")

    def _audited(self) -> None:
        """The operator's audit finds nothing off, once the last events have left the outboxes."""
        said: list[str] = []

        def clean() -> bool:
            said[:] = (
                self._compose(
                    "--profile=operator", "run", "--rm", "--no-deps", "-T", "operator", "audit"
                )
                .strip()
                .splitlines()
            )
            return True

        self._until(clean, "the audit is clean", 60)
        self._tell(said[-1])

    def _scraped(self) -> None:
        """Prometheus has found every process, and reads the rules."""
        ask = (
            "import urllib.request, sys;"
            " sys.stdout.write(urllib.request.urlopen('http://prometheus:9090/api/v1/{}').read().decode())"
        )
        name = self._engine.container(PROJECT, "records-api")

        def answer(path: str) -> Any:
            return yaml.safe_load(
                self._engine.podman("exec", name, "python", "-c", ask.format(path))
            )["data"]

        def up() -> set[str]:
            return {
                one["labels"]["part"]
                for one in answer("targets")["activeTargets"]
                if one["health"] == "up"
            }

        expected = {"auditor"} | {
            f"{service}-{duty}" for service in secret_files.SERVICES for duty in ("api", "worker")
        }
        self._until(lambda: up() == expected, "Prometheus scrapes every process", 90)
        rules = sum(len(group["rules"]) for group in answer("rules")["groups"])
        if not rules:
            raise FailedError("Prometheus has no alert rules")
        self._tell(f"Prometheus scrapes {len(expected)} processes and watches {rules} alert rules")

    def _python(self, service: str, program: str) -> bool:
        return self._engine.succeeds(
            "exec", self._engine.container(PROJECT, service), "python", "-c", program
        )

    def _compose(self, *arguments: str) -> str:
        return self._engine.compose(PROJECT, COMPOSE, self._environment, *arguments)

    def _keep_logs(self, services: Iterable[str]) -> None:
        folder = self._build / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        for service in services:
            try:
                name = self._engine.container(PROJECT, service)
                text = self._engine.command("sh", "-c", f"podman logs {name} 2>&1")
            except EngineError as error:
                text = str(error)
            (folder / f"{service}.log").write_text(text)

    def _until(self, holds: Callable[[], bool], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
                last: Mapping[str, Any] | str = "not yet"
            except (EngineError, httpx.HTTPError) as error:
                last = f"{type(error).__name__}: {error}"
            if time.monotonic() > deadline:
                raise FailedError(f"not in {seconds:.0f} s: {what} ({last})")
            time.sleep(1)
