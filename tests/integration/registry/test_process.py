"""The stub as the process that the runner starts."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.registry import HOA, LAN, write_people

PATIENCE_S = 60


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.stubs.registry", *arguments],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr
        process.stderr.close()


@contextmanager
def until_listening(socket: Path) -> Iterator[httpx.Client]:
    deadline = time.monotonic() + PATIENCE_S
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://registry"
    ) as client:
        while True:
            try:
                client.get("/registry/healthz").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield client


def test_it_serves_a_file_of_people_on_a_socket_until_it_is_told_to_stop(tmp_path: Path) -> None:
    people, socket = write_people(tmp_path / "people.csv", [HOA, LAN]), tmp_path / "registry.sock"
    with started(
        "--uds", str(socket), "--people", str(people), "--cache", str(tmp_path / "cache")
    ) as process:
        with until_listening(socket) as client:
            assert client.get("/registry/readyz").status_code == 200
            answer = client.post(
                "/registry/v1/people:lookup", json={"ids": [LAN.personal_id]}
            ).json()
        assert [person["full_name"] for person in answer["people"]] == [LAN.full_name]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert list((tmp_path / "cache").iterdir())


def test_it_starts_misbehaving_where_it_is_told_to(tmp_path: Path) -> None:
    socket = tmp_path / "registry.sock"
    with (
        started(
            "--uds",
            str(socket),
            "--synthesise",
            "10",
            "--cache",
            str(tmp_path / "cache"),
            "--outage",
        ),
        until_listening(socket) as client,
    ):
        assert client.get("/registry/v1/changes").status_code == 503


def test_a_file_that_holds_no_people_ends_it_with_the_place_and_without_the_person(
    tmp_path: Path,
) -> None:
    for person, told in (
        (HOA._replace(personal_id="68180000001"), "line 2"),
        (HOA._replace(date_of_birth="03/05/1980"), "line 2"),
    ):
        people = write_people(tmp_path / "people.csv", [person])
        with started(
            "--uds",
            str(tmp_path / "registry.sock"),
            "--people",
            str(people),
            "--cache",
            str(tmp_path / "cache"),
        ) as process:
            _, errors = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 1
            assert told in errors
            assert HOA.full_name not in errors
            assert "8180000001" not in errors
