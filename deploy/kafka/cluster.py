"""A cluster of one or three brokers (KRaft, each also a controller) on loopback ports, as child
processes.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_CLUSTER_ID = "hochieu-local-kafka-00"
_STARTED = "Kafka Server started"
_START_S = 90.0
_STOP_S = 30.0


class Node:
    """One broker; it can be killed and started again."""

    def __init__(
        self,
        number: int,
        ports: Sequence[tuple[int, int]],
        folder: Path,
        lib: Path,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.number = number
        self.port = ports[number - 1][0]
        self._folder = folder
        self._lib = lib
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        properties = _properties(number, ports, folder / "data", settings or {})
        (folder / "server.properties").write_text(properties)

    @property
    def log(self) -> Path:
        """Where the broker writes what it has to say."""
        return self._folder / "broker.log"

    def start(self) -> None:
        """Formats the storage if it is new and starts the broker; `ready` tells when it serves."""
        properties = str(self._folder / "server.properties")
        if not (self._folder / "data" / "meta.properties").exists():
            formatted = subprocess.run(
                self._java(
                    "kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", properties
                ),
                capture_output=True,
                text=True,
                check=False,
            )
            if formatted.returncode:
                raise RuntimeError(
                    "the storage could not be formatted:"
                    f" {formatted.stdout[-300:]}{formatted.stderr[-300:]}"
                )
        self.log.unlink(missing_ok=True)
        with self.log.open("wb") as log:
            # a session of its own: Ctrl-C reaches the parent alone, which stops the brokers in
            # order
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", properties),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ready(self, timeout_s: float = _START_S) -> None:
        """Returns once the broker serves; RuntimeError if it ends before, TimeoutError if it takes
        too long.
        """
        deadline = time.monotonic() + timeout_s
        while _STARTED not in self.log.read_text(errors="replace"):
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(
                    f"broker {self.number} ended: {self.log.read_text(errors='replace')[-800:]}"
                )
            if time.monotonic() > deadline:
                raise TimeoutError(f"broker {self.number} did not start; see {self.log}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Lets the broker hand over and end; kills it if it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Ends the broker as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _java(self, main: str, *arguments: str) -> list[str]:
        logging = "-Dorg.slf4j.simpleLogger"
        return [
            # a broker for one machine is short-lived and mostly idle: the second compiler would
            # cost it more than it saves
            *("java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *(
                f"{logging}.defaultLogLevel=warn",
                f"{logging}.log.kafka.server.KafkaRaftServer=info",
                f"{logging}.showDateTime=true",
            ),
            *(
                "-cp",
                os.path.join(self._lib, "*"),  # noqa: PTH118
                main,
                *arguments,
            ),
        ]


class Cluster:
    """Some brokers that are started and stopped together; `settings`: more of each broker's."""

    def __init__(
        self,
        folder: Path,
        lib: Path,
        nodes: int = 1,
        first_port: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        ports = (
            [(first_port + 2 * n, first_port + 2 * n + 1) for n in range(nodes)]
            if first_port
            else _free_ports(nodes)
        )
        self.nodes = [
            Node(number, ports, folder / f"node-{number}", lib, settings)
            for number in range(1, nodes + 1)
        ]

    @property
    def url(self) -> str:
        """The bus's address."""
        return "kafka://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @contextmanager
    def running(self) -> Iterator["Cluster"]:
        """Every broker serves inside the block, and none is left after it."""
        try:
            for node in self.nodes:
                node.start()
            for node in self.nodes:
                node.ready()
            yield self
        finally:
            # all are told first: a controller that waits for a quorum that has gone would use up
            # its whole time
            for node in self.nodes:
                if node._process is not None:
                    node._process.terminate()
            for node in self.nodes:
                node.stop()


def _free_ports(nodes: int) -> list[tuple[int, int]]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2 * nodes)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return list(zip(ports[::2], ports[1::2], strict=True))


def _properties(
    number: int, ports: Sequence[tuple[int, int]], data: Path, more: Mapping[str, str]
) -> str:
    client, controller = ports[number - 1]
    name = more.get("inter.broker.listener.name", "PLAINTEXT")
    copies = min(3, len(ports))
    settings = {
        "process.roles": "broker,controller",
        "node.id": number,
        "controller.quorum.voters": ",".join(
            f"{n}@127.0.0.1:{port}" for n, (_, port) in enumerate(ports, 1)
        ),
        "listeners": f"{name}://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"{name}://127.0.0.1:{client}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": 8,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": max(1, copies - 1),
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": max(1, copies - 1),
        "group.initial.rebalance.delay.ms": 0,
        **more,
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())
