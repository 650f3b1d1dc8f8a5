"""Podman, and podman-compose over it, as they also run inside a container or a sandbox: runc,
cgroupfs, bounded limits, no systemd.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

TOOLS = ("podman", "runc", "iptables", "debootstrap")
_COMPOSE = "podman-compose==1.6.0"
_SETTINGS = """[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""


class EngineError(Exception):
    """A command of the engine failed; its last words."""


def missing_tools() -> list[str]:
    """Which of the programs are not on this machine."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class Engine:
    """Runs podman; `build` is the folder for its settings and for podman-compose."""

    def __init__(self, build: Path) -> None:
        build.mkdir(parents=True, exist_ok=True)
        settings = build / "containers.conf"
        settings.write_text(_SETTINGS)
        self._tools = build / "tools"
        # without systemd nothing runs health checks by itself: `healthy` runs them
        self._environment = {
            **os.environ,
            "CONTAINERS_CONF": str(settings),
            "DISABLE_HC_SYSTEMD": "true",
        }

    def podman(self, *arguments: str, timeout_s: float = 900) -> str:
        """Standard output of one podman command; EngineError if it fails."""
        return self._run(["podman", *arguments], {}, timeout_s)

    def command(self, *words: str) -> str:
        """Standard output of another program."""
        return self._run(words, {}, 900)

    def succeeds(self, *arguments: str, timeout_s: float = 60) -> bool:
        """Whether a podman command ends with 0."""
        try:
            self.podman(*arguments, timeout_s=timeout_s)
        except EngineError:
            return False
        return True

    def have(self, image: str) -> bool:
        """Whether an image is on this machine, or could be brought here from its registry."""
        return self.succeeds("image", "exists", image) or self.succeeds(
            "pull", "-q", image, timeout_s=600
        )

    def build(self, image: str, dockerfile: Path, context: Path, **arguments: str) -> None:
        """Builds an image; `arguments` are its ARGs."""
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        settled = ["--isolation=chroot", "--network=host", "--format=docker", "--quiet"]
        self.podman(
            "build",
            *settled,
            *given,
            "-f",
            str(dockerfile),
            "-t",
            image,
            str(context),
            timeout_s=1800,
        )

    def compose(
        self, project: str, file: Path, environment: Mapping[str, str], *arguments: str
    ) -> str:
        """One podman-compose command."""
        program = self._tools / "bin" / "podman-compose"
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", self._tools], check=True)
            subprocess.run(
                [self._tools / "bin" / "python", "-m", "pip", "install", "--quiet", _COMPOSE],
                check=True,
            )
        return self._run(
            [str(program), "--in-pod=false", "-p", project, "-f", str(file), *arguments],
            environment,
            900,
        )

    def container(self, project: str, service: str) -> str:
        """The name of a service's first container; EngineError where there is none."""
        labels = {"io.podman.compose.project": project, "com.docker.compose.service": service}
        filters = [f"--filter=label={label}={value}" for label, value in labels.items()]
        names = self.podman("ps", "--all", *filters, "--format={{.Names}}").split()
        if not names:
            raise EngineError(f"{service} has no container")
        return min(names)

    def inspect(self, name: str) -> dict[str, object]:
        """The state of a container: `Running`, `Pid`, `StartedAt` and more."""
        state: dict[str, object] = json.loads(
            self.podman("inspect", "--format={{json .State}}", name)
        )
        return state

    def healthy(self, name: str) -> bool:
        """Runs the container's own health check once."""
        return self.succeeds("healthcheck", "run", name)

    def _run(self, command: Sequence[str], environment: Mapping[str, str], timeout_s: float) -> str:
        try:
            done = subprocess.run(
                command,
                env={**self._environment, **environment},
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(
                f"{' '.join(command[:4])} took longer than {timeout_s:.0f} s"
            ) from error
        if done.returncode:
            raise EngineError(
                f"{' '.join(command[:4])} ended with {done.returncode}:"
                f" {(done.stdout + done.stderr)[-1500:]}"
            )
        return done.stdout
