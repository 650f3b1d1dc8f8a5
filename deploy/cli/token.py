"""`hochieu token`: a token of the embedded mode's own issuer, and nothing else, so that it can
stand in a command.
"""

from datetime import timedelta
from typing import Annotated

import typer

from contracts.access import Role
from deploy.local import issuer
from deploy.local.home import Home


def command(
    role: Annotated[Role, typer.Option(help="who the caller is")],
    facility: Annotated[
        str | None, typer.Option(help="5 digits: the facility of a facility's token")
    ] = None,
    area: Annotated[
        list[str] | None,
        typer.Option(
            help="code prefix of a station's, police's or province's area; may be given again"
        ),
    ] = None,
    personal_id: Annotated[str | None, typer.Option(help="a citizen's own 12-digit number")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24, help="how long it is valid")] = 12,
) -> None:
    """Print a token of the embedded mode."""
    missing = _missing(role, facility, area, personal_id)
    if missing:
        typer.echo(f"A {role.value} token needs {missing}.", err=True)
        raise typer.Exit(2)
    typer.echo(
        issuer.token(
            Home.default(),
            role,
            facility=facility,
            areas=area or (),
            personal_id=personal_id,
            lifetime=timedelta(hours=hours),
        )
    )


def _missing(
    role: Role, facility: str | None, area: list[str] | None, personal_id: str | None
) -> str | None:
    if role is Role.FACILITY and not facility:
        return "--facility"
    if role in (Role.STATION, Role.POLICE, Role.PROVINCE) and not area:
        return "--area"
    if role is Role.CITIZEN and not personal_id:
        return "--personal-id"
    return None
