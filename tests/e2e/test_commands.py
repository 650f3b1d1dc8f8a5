"""Every command that people are told to type, as it is written: the targets of `make help`, and the
fenced blocks of all pages. What a page shows as JSON is what the request before it is answered.

A command that is of no kind known here fails: say how it is tried.
"""

import importlib.util
import json
import os
import re
import shlex
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from contracts.access import Role
from contracts.topics import TOPICS
from deploy.cli.main import program
from deploy.kafka.jars import missing_tools
from deploy.local import issuer
from deploy.local.home import Home
from services.records import schema as records
from services.signer import schema as signer
from services.verifier import schema as verifier
from tests.support.clone import clone, typed, until_interrupted
from tests.support.commands import commands, fences, papers, recipe, targets
from tests.support.paths import DEPLOY, ROOT
from tests.support.postgres_tcp import server_with_password
from tests.support.registry import HOA, HUNG, write_people
from tests.support.shown import differences
from tests.support.stack import free_port

# tried below; the others are looked at: that make takes them, and that what they start is there
_TRIED = {"help", "run", "demo", "bench", "clean"}
_LOOKED_AT = {
    "test",
    "unit",
    "lint",
    "t",
    "fix",
    "faults",
    "containers-test",
    "kafka",
    "accuracy",
    "contracts",
    "lock",
    "sbom",
    "pages",
    "screenshots",
    "station-day",
    "typescript",
    "advisories",
}
_SQL = re.compile(r"(ALTER|CREATE|SELECT) ")
# making a token takes a second: what a page says is done for the first request of each caller
_EACH_TOKEN_ONCE = r"""
eval "as_written () $(declare -f as | tail -n +2)"; mkdir -p build/tokens
as() {
  local kept="build/tokens/${*//[^a-z0-9]/_}"
  [ -s "$kept" ] || as_written "$@" >"$kept"
  cat "$kept"
}
"""
_PASSWORD = "p@ss $w0rd%40'\"#/é"
_CSV = (
    "Mã bản ghi,Họ và tên,Ngày sinh,Giới tính,Số CMND/CCCD/HC,Mũi tiêm thứ,Loại liều,Tên vắc xin,Số"
    " lô,Ngày tiêm,Mã cơ sở tiêm\n"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A fresh clone."""
    with clone() as fresh:
        yield fresh


def test_make_alone_lists_every_target_and_each_is_tried_or_looked_at(folder: Path) -> None:
    listed = re.findall(r"^  make (\S+)", typed(folder, "make").stdout, re.MULTILINE)
    assert listed == targets()
    assert set(listed) == _TRIED | _LOOKED_AT, "say how a new target is tried"


@pytest.mark.parametrize("target", sorted(_LOOKED_AT))
def test_a_target_that_takes_long_is_taken_by_make_and_what_it_starts_is_there(
    folder: Path, target: str
) -> None:
    dry = typed(folder, f"make -n {target}")
    assert dry.returncode == 0, dry.stdout
    assert "pip install" not in dry.stdout, "what the target stands on is installed already"
    _, lines = recipe(target)
    for line in lines:
        for path in re.findall(r"\$\(BIN\)/([\w-]+)", line):
            assert os.access(ROOT / ".venv" / "bin" / path, os.X_OK), line
        for module in re.findall(r"-m (deploy[\w.]*)", line):
            assert (ROOT / module.replace(".", "/") / "__main__.py").exists(), line


def test_clean_leaves_the_data(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (".venv", "build", "var"):
        (tmp_path / name).mkdir()
    assert typed(tmp_path, "make clean").returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Makefile", "var"]


@pytest.mark.timeout(900)
def test_every_command_of_the_pages_does_what_it_says_while_make_run_is_up(folder: Path) -> None:
    port = free_port()
    with until_interrupted(folder, f"make run PORT={port}", "Ctrl-C stops everything") as said:
        session = _Session(folder, port)
        for page in papers():
            for language, block in fences(page):
                if language == "json":
                    session.compare(block)
                elif not language and _SQL.match(block):
                    _looked_at_in_sql(block)
                elif not language:
                    for command in commands(block):
                        session.type(command)
    assert "Stopping" in said.read_text()
    assert session.requests > 20, "the pages' requests are not recognised"
    assert session.compared > 10, "the answers that the pages show are not recognised"


class _Session:
    """A shell in which the commands are typed one after another."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._origin = f"http://127.0.0.1:{port}"
        # a refused request is an error
        self._set = 'curl() { command curl --fail-with-body "$@"; }\n'
        self._answer = self._asked = ""
        self.requests = self.compared = 0

    def compare(self, shown: str) -> None:
        """AssertionError where the answer to the last command is not what a page shows."""
        self.compared += 1
        until = time.monotonic() + 30
        found = differences(json.loads(shown), json.loads(self._answer))
        # what was written by the command before is on its way; who reads looks again
        while found and _only_reads(self._asked) and time.monotonic() < until:
            time.sleep(0.5)
            self._try(self._asked)
            found = differences(json.loads(shown), json.loads(self._answer))
        assert found == [], shown

    def type(self, command: str) -> None:
        """Tries one command as its kind is tried; AssertionError where it fails or is of no
        kind.
        """
        if re.match(r"[A-Z]+=\S|as\(\)", command) and not command.startswith("SSL_CERT_FILE="):
            self._set += command.replace("http://127.0.0.1:8000", self._origin) + "\n"
            if command.startswith("as()"):
                self._set += _EACH_TOKEN_ONCE
        elif command.startswith(
            ("curl ", ".venv/bin/hochieu ", "SSL_CERT_FILE=deploy/secrets/edge.crt HOCHIEU_HOME=")
        ):
            self.requests += 1
            self._try(command)
        elif command.startswith("make .venv/run && "):
            self._try(command)
        elif command.startswith(".venv/bin/"):
            _looked_at_in_venv(command)
        elif command.startswith("make "):
            words = shlex.split(command, comments=True)
            assert words[1] in targets(), command
        elif command.startswith(("docker compose ", "for topic in ")):
            _looked_at_in_containers(command)
        elif command.startswith("docker build -f "):
            assert (ROOT / shlex.split(command)[3]).exists(), command
        else:
            pytest.fail(f"say how this is tried: {command}")

    def _try(self, command: str) -> None:
        # where a code of one's own stands, somebody's; where the containers would answer, the
        # system that is up
        text = command.replace("HC1:…", self._code() if "HC1:…" in command else "")
        text = text.replace("https://127.0.0.1:8000", self._origin)
        # the certificate of the containers' edge, which nobody has made here
        text = text.replace("SSL_CERT_FILE=deploy/secrets/edge.crt ", "")
        given = {"HOCHIEU_ORIGIN": self._origin}
        if "HOCHIEU_HOME=" in text:
            given["HOCHIEU_TOKEN"] = issuer.token(Home(self._folder / "var"), Role.SERVICE)
        done = typed(self._folder, self._set + text, given)
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}"
        self._answer, self._asked = done.stdout, command

    def _code(self) -> str:
        sample = (
            (self._folder / "var" / "sample" / "5000-10000" / "people.csv").read_text().splitlines()
        )
        for line in sample[1:200]:
            bearer = issuer.token(
                Home(self._folder / "var"), Role.CITIZEN, personal_id=line.split(",")[0]
            )
            passport = httpx.get(
                f"{self._origin}/signer/v1/me/passport",
                headers={"Authorization": f"Bearer {bearer}"},
            )
            if passport.is_success and (certificates := passport.json()["certificates"]):
                return str(certificates[-1]["qr"])
        raise AssertionError("nobody has a certificate")


def _only_reads(command: str) -> bool:
    return "/search" in command or not re.search(r" (-X|-d|--data-binary) ", command)


def _looked_at_in_venv(command: str) -> None:
    """That a developer's program, and the module or the test that it is given, are there."""
    program_path, *rest = shlex.split(command, comments=True)
    assert os.access(ROOT / program_path, os.X_OK), command
    if rest[:1] == ["-m"]:
        assert importlib.util.find_spec(rest[1]), command
    elif program_path.endswith("/pytest"):
        for word in (word for word in rest if not word.startswith("-")):
            path, _, test = word.partition("::")
            assert (ROOT / path).exists(), command
            assert not test or f"def {test}(" in (ROOT / path).read_text(), command


def _looked_at_in_containers(command: str) -> None:
    """That the files, the services and our own commands of a container's command are there."""
    if command.startswith("for topic in "):
        names = set(command.split(";")[0].removeprefix("for topic in ").split())
        assert {f"{name}.v1" for name in names} <= _topics(), command
        command = command.splitlines()[1]
    words = shlex.split(command, comments=True)[2:]
    services = set(
        re.findall(r"^  ([a-z-]+):$", (DEPLOY / "compose.yaml").read_text(), re.MULTILINE)
    )
    while words[0] in ("-f", "--profile"):
        assert words[0] != "-f" or (ROOT / words[1]).exists(), command
        words = words[2:]
    verb, *rest = words
    assert verb in ("up", "ps", "run", "exec", "logs", "stop", "down"), command
    named = [word for word in rest if not word.startswith("-")]
    if verb in ("run", "exec"):
        assert named[0] in services, command
    elif verb in ("stop", "up"):
        assert {word for word in named if "=" not in word} <= services, command
    for module in re.findall(r"python -m ([\w.]+)", command):
        assert importlib.util.find_spec(module), command
    if named[:1] == ["operator"]:
        shown = CliRunner().invoke(program(), [named[1], "--help"])
        assert shown.exit_code == 0, command
        assert all(
            word.split("=")[0] in shown.output
            for word in rest[rest.index(named[1]) :]
            if word.startswith("--")
        ), command


def _looked_at_in_sql(block: str) -> None:
    """That the tables and the indexed columns are there."""
    tables = {
        name: table
        for metadata in (records.metadata, verifier.metadata, signer.metadata)
        for name, table in metadata.tables.items()
    }
    assert set(re.findall(r"\b(?:TABLE|FROM|ON) (\w+)", block)) <= tables.keys(), block
    for name, columns in re.findall(r"\bON (\w+) (?:USING \w+ )?\(([\w, ]+)\)", block):
        assert set(columns.split(", ")) <= set(tables[name].columns.keys()), block


def _topics() -> set[str]:
    return {name for topic in TOPICS for name in (topic.name, topic.express) if name}


def test_make_demo_takes_files_of_one_s_own_and_tells_the_rejected_rows(folder: Path) -> None:
    mine = folder / "my files"
    mine.mkdir()
    write_people(mine / "people.csv", [HOA, HUNG])
    (mine / "ngày 1.csv").write_text(
        _CSV + f"N-1,{HOA.full_name},03/05/1980,Nữ,{HOA.personal_id},1,Cơ"
        " bản,Pfizer,FK0050,05/08/2021,68001\n"
    )
    bad = ",".join(
        [
            "N-2",
            "Trần Văn Hùng",
            "1985",
            "Nam",
            HUNG.personal_id,
            "1",
            "Cơ bản",
            "Pfizer",
            "FK0050",
            "05/08/2021",
            "9",
        ]
    )
    (mine / "day2.csv").write_text(_CSV + bad + "\n")
    done = typed(
        folder,
        f'make demo PORT={free_port()} PEOPLE="my files/people.csv" DOSES="my files/ngày 1.csv, my'
        ' files/day2.csv"',
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.index("ngày 1.csv:") < done.stdout.index("day2.csv:")
    assert re.search(r"state: issued +│ +1 ", done.stdout) and re.search(
        r"rejected +│ +1 ", done.stdout
    ), done.stdout
    rejected = done.stdout.split("rejected rows: 1")[1]
    assert "facility_code" in rejected and "năm chữ số" in rejected and "five digits" in rejected
    for text, words in (
        ("PEOPLE=nix.csv", "nix.csv"),
        ("PEOPLE=Makefile", "thiếu cột / columns are missing"),
        ("DOSES=nix.csv", "nix.csv"),
    ):
        refused = typed(folder, f"make demo {text}")
        assert refused.returncode == 2 and words in refused.stdout, refused.stdout


async def test_make_demo_runs_on_a_server_with_passwords_and_fails_on_a_refused_file(
    folder: Path,
) -> None:
    port = free_port()
    (folder / "no-doses.csv").write_text("tên,tuổi\nHoa,41\n")
    async with server_with_password(
        folder / "server", port, "quản trị", _PASSWORD, "CREATEROLE CREATEDB"
    ) as log:
        address = f"postgresql://quản trị:{_PASSWORD.replace('%', '%25')}@127.0.0.1:{port}/postgres"
        command = (
            f"make demo PORT={free_port()} PEOPLE=50 DOSES=no-doses.csv"
            f" DATABASE_URL={shlex.quote(address)}"
        )
        # a home of its own: this one's databases are elsewhere
        done = typed(folder, command, {"HOCHIEU_HOME": str(folder / "elsewhere")})
        wrong = typed(
            folder, command.replace("$w0rd", "wr0ng"), {"HOCHIEU_HOME": str(folder / "elsewhere")}
        )
    assert done.returncode == 2, done.stdout
    assert (
        f"Starting … on PostgreSQL 127.0.0.1:{port}" in done.stdout
        and "422 NOT_A_DOSE_FILE" in done.stdout
    ), done.stdout
    assert (
        wrong.returncode == 2
        and "password authentication failed" in wrong.stdout
        and "Traceback" not in wrong.stdout
    ), wrong.stdout
    told = [
        done.stdout,
        wrong.stdout,
        log.read_text(),
        *(file.read_text() for file in (folder / "elsewhere" / "logs").iterdir()),
    ]
    assert not any("w0rd" in text or "wr0ng" in text for text in told)


def test_make_bench_takes_its_bus_and_sizes_from_its_own_words_alone(folder: Path) -> None:
    missing = missing_tools()
    if missing and os.environ.get("CI"):
        pytest.fail(f"a Kafka broker needs {' and '.join(missing)}")
    bus = "postgres" if missing else "kafka"
    done = typed(folder, f"make bench BUS={bus} DOSES=2000 RUNS=1")
    assert done.returncode == 0, done.stdout
    figures = json.loads((folder / "build" / "bench.json").read_text())
    assert (figures["bus"], len(figures["runs"])) == (bus, 1) and 0 < figures["doses"] <= 2000
    assert (folder / "build" / "bench" / "logs" / "records.log").exists()
