"""`hochieu run`: everything on this machine with a sample loaded, until Ctrl-C; `--demo` ends when
every dose is in a final state.
"""

import asyncio
import errno
import io
import os
import signal
import time
from pathlib import Path
from typing import Annotated

import httpx
import segno
import typer
from rich.console import Console
from sqlalchemy.engine import make_url

from contracts.access import Role
from contracts.words import State
from deploy.cli.client import answer
from deploy.cli.given import GivenError, check_people, doses_of, people_of
from deploy.cli.load import load
from deploy.local import issuer
from deploy.local.address import AddressError, bus_address, postgres_address
from deploy.local.failure import StartError
from deploy.local.home import Home
from deploy.local.stack import Options, Stack, running
from deploy.sample import generate

console = Console()
_SEED = 2021
_LAST_ANSWER_S = 2.0
_MADE_UP = (
    "DOSES là số thì mũi tiêm được tạo ra cho người không có trong tệp PEOPLE: hãy đưa tệp, hoặc bỏ"
    " DOSES. / A number of doses is made up for people who are not in the file PEOPLE: give files,"
    " or leave DOSES out."
)


def command(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="the one origin at which everything answers")
    ] = 8000,
    people: Annotated[
        str | None,
        typer.Option(
            help=(
                "CSV file of the registry's people, or how many to make up; half as many as doses"
                " by default"
            )
        ),
    ] = None,
    doses: Annotated[
        str | None,
        typer.Option(
            help=(
                "files to push, in order, or a folder of them; or how many doses to make up; 10,000"
                " by default"
            )
        ),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="end when every dose has reached a final state")
    ] = False,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="administrator's address of a PostgreSQL server, instead of the embedded one",
            envvar="HOCHIEU_DATABASE_URL",
        ),
    ] = None,
    bus_url: Annotated[
        str | None,
        typer.Option(
            help="kafka://host:port, instead of the embedded event log", envvar="HOCHIEU_BUS_URL"
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="NAME=VALUE, a setting of the services (LOG_LEVEL=debug); may be given again",
        ),
    ] = None,
) -> None:
    """Run the system, with a made-up sample or with files of one's own; ends with 1 where it does
    not start or a file is refused whole.
    """
    # whatever the shell's own: samples and logs stand there too
    os.umask(0o077)
    home = Home.default()
    home.prepare()
    try:
        people_file, files = inputs(home, people, doses)
        options = Options(
            port=port,
            people_file=people_file,
            database_url=database_url
            and postgres_address(database_url).render_as_string(hide_password=False),
            bus_url=bus_url and bus_address(bus_url),
            environment=dict(_setting(text) for text in setting or ()),
        )
    except (GivenError, AddressError) as error:
        typer.echo(_shown(error), err=True)
        raise typer.Exit(2) from None
    try:
        raise typer.Exit(asyncio.run(_run(home, options, files, demo)))
    except (OSError, StartError, httpx.TransportError) as error:
        typer.echo(why(error, port), err=True)
        raise typer.Exit(1) from error


def inputs(home: Home, people: str | None, doses: str | None) -> tuple[Path, list[Path]]:
    """The registry's people and the files to push; sizes, and what is not given, are made up.
    GivenError where that cannot be.
    """
    given_people = people_of(people) if people else None
    given_doses = doses_of(doses) if doses else None
    if isinstance(given_people, Path):
        if isinstance(given_doses, int):
            raise GivenError(_MADE_UP)
        check_people(given_people, home.registry)
        # a folder of doses may hold the people too
        return given_people, [file for file in given_doses or () if not file.samefile(given_people)]
    size = given_doses if isinstance(given_doses, int) else 10_000
    sample = _sample(home, given_people or max(10, size // 2), size)
    return sample / "people.csv", (
        [sample / "doses.csv"]
        if given_doses is None or isinstance(given_doses, int)
        else given_doses
    )


def _sample(home: Home, people: int, doses: int) -> Path:
    """The folder of a made-up sample, made where it is not there yet."""
    folder = home.sample / f"{people}-{doses}"
    if not (folder / "truth.csv").exists():
        console.print(f"Making a sample of {doses:,} doses …")
        generate(people, _SEED, folder, doses)
    return folder


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name):
        raise GivenError(f"--set {text}: cần / needed: NAME=VALUE")
    return name, value


def _shown(error: GivenError | AddressError) -> str:
    # an address may hold a password: only its form is told
    return (
        f"Địa chỉ cần có dạng / an address is needed of the form {error}"
        if isinstance(error, AddressError)
        else str(error)
    )


def why(error: OSError | StartError | httpx.TransportError, port: int) -> str:
    """Why the system did not start, in words."""
    if (
        isinstance(error, OSError)
        and error.errno in (errno.EADDRINUSE, errno.EACCES)
        and error.filename is None
    ):
        return (
            f"Port {port} cannot be used ({error.strerror}): choose another with PORT=… "
            f"/ Không dùng được cổng {port}: chọn cổng khác bằng PORT=…"
        )
    if isinstance(error, httpx.TransportError):
        return (
            f"Hệ thống ngừng trả lời / the system stopped answering ({type(error).__name__}):"
            f" {Home.default().logs}"
        )
    return f"The system did not start / Hệ thống không khởi động được: {error}"


async def _run(home: Home, options: Options, files: list[Path], demo: bool) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    started = time.perf_counter()
    console.print(f"Starting …{_elsewhere(options)}")
    async with running(home, options) as stack:
        console.print(
            f"Up after {time.perf_counter() - started:.1f} s at [bold]{stack.origin}[/bold]\n"
        )
        following = asyncio.create_task(asyncio.to_thread(load, stack.origin, files, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
        refused = 0
        if following.done():
            loaded = following.result()
            refused = loaded.refused
            await asyncio.to_thread(_addresses, stack)
            for batch in loaded.batches:
                if await asyncio.to_thread(_one_code, stack, batch["batch_id"]):
                    break
        if not demo and not stop.is_set():
            console.print("\nCtrl-C stops everything; started again, it finds its data.")
            await stop.wait()
        stopping.cancel()
        console.print("Stopping …")
        # whoever is still asked for its counts answers before the parts end
        await asyncio.wait({following}, timeout=_LAST_ANSWER_S)
        following.add_done_callback(lambda task: task.cancelled() or task.exception())
    return 1 if refused else 0


def _elsewhere(options: Options) -> str:
    """Which parts are not the embedded ones, without who is asking there."""
    places = []
    if options.database_url:
        url = make_url(options.database_url)
        places.append(f"PostgreSQL {url.query.get('host') or url.host}:{url.port or 5432}")
    if options.bus_url and options.bus_url.startswith("kafka://"):
        places.append(f"Kafka {options.bus_url.removeprefix('kafka://')}")
    return f" on {', '.join(places)}" if places else ""


_PAGES = (
    ("/", "người dân / citizens", "nhận hộ chiếu vắc xin"),
    ("/me", "người dân đã đăng nhập / signed in", "hộ chiếu và mũi tiêm của mình"),
    ("/desk", "cơ sở tiêm, trạm y tế / facility, station", "nạp tệp, sửa dòng sai"),
    ("/cases", "công an / police", "quyết định danh tính"),
    ("/progress", "tỉnh, Bộ Y tế / province, ministry", "tiến độ"),
    ("/verify", "cửa khẩu / border officer", "quét và kiểm tra mã"),
)
_FOR_PROGRAMS = (
    ("records", "/records/docs"),
    ("verifier", "/verifier/docs"),
    ("signer", "/signer/docs"),
    ("registry stub", "/registry/docs"),
    ("mail sink", "/mail"),
)


def _addresses(stack: Stack) -> None:
    console.print("Trang cho người dùng / pages (chọn tài khoản thử khi đăng nhập):")
    for path, whom, what in _PAGES:
        console.print(f"  {stack.origin + path:<32} {whom}: {what}", soft_wrap=True)
    console.print("\nCho chương trình / for programs:")
    for part, path in _FOR_PROGRAMS:
        console.print(f"  {part:<14} {stack.origin}{path}")
    console.print(f"  {'logs':<14} {stack.home.logs}")
    console.print("\nA token for a request: [bold].venv/bin/hochieu token --role ministry[/bold]")


def _one_code(stack: Stack, batch_id: int) -> bool:
    """Prints one passport's QR code, scannable from the screen; False where the batch has none."""
    token = issuer.token(stack.home, Role.MINISTRY)
    with httpx.Client(
        base_url=stack.origin, headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        rows = answer(
            client.get(
                f"/records/v1/batches/{batch_id}/rows", params={"state": State.ISSUED, "limit": 1}
            )
        )["items"]
        if not rows:
            return False
        dose = answer(client.get(f"/records/v1/doses/{rows[0]['dose_id']}"))
        certificate = answer(
            client.get("/signer/v1/certificates/" + dose["uvci"].replace("#", "%23"))
        )
    console.print("\nOne passport's QR code (certificate " + dose["uvci"] + "):\n")
    console.print(_terminal_code(certificate["qr"]), highlight=False)
    return True


def _terminal_code(text: str) -> str:
    """In half blocks, with the least error correction: so it fits 80 columns."""
    out = io.StringIO()
    segno.make_qr(text, error="l", mode="alphanumeric").terminal(out=out, compact=True, border=2)
    return out.getvalue()
