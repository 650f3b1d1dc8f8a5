"""`hochieu`: run the system, push files, issue tokens, verify codes, make samples, measure."""

import sys
from collections.abc import Iterable
from importlib import import_module

import typer

_COMMANDS = {
    "run": "deploy.cli.run",
    "push": "deploy.cli.push",
    "token": "deploy.cli.token",
    "verify": "deploy.cli.verify",
    "sample": "deploy.cli.sample",
    "bench": "deploy.cli.bench",
    "audit": "deploy.cli.audit",
    "audit-log": "deploy.cli.audit_log",
    "dlq": "deploy.cli.dlq",
}
"""Each command's module: `command` is what it does, or `app` holds commands of its own."""


def app() -> None:
    """The program. It loads only the command that is asked for: a token stands in most requests,
    and all of them take a second.
    """
    asked = [name for name in sys.argv[1:2] if name in _COMMANDS]
    program(asked or _COMMANDS)()


def program(names: Iterable[str] = _COMMANDS) -> typer.Typer:
    """The program with these commands."""
    made = typer.Typer(
        help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    made.callback()(lambda: None)  # one command alone is still called by its name
    for name in names:
        module = import_module(_COMMANDS[name])
        if hasattr(module, "app"):
            made.add_typer(module.app, name=name)
        else:
            made.command(name)(module.command)
    return made
