"""The keys of the three services for tests: what signs events, and what believes them."""

from pathlib import Path

from pydantic import SecretStr

from deploy.local import event_keys
from deploy.local.home import Home
from services.chassis.bus import BusSettings
from services.chassis.bus.signatures import Signatures


def signatures(folder: Path) -> dict[str, Signatures]:
    """Of each service by its name; the keys lie below `folder` and are made once."""
    event_keys.prepare(Home(folder))
    return {name: signatures_of(folder, name) for name in event_keys.WRITERS}


def signatures_of(folder: Path, name: str, mode: str = "required") -> Signatures:
    """Those of one service, with its files below `folder`."""
    files = settings_of(folder, name) | {"signatures": mode}
    cfg = BusSettings.model_validate({"url": SecretStr("kafka://nowhere"), **files})
    return Signatures.of(cfg, name)


def settings_of(folder: Path, name: str) -> dict[str, str]:
    """The fields of `BusSettings` that name the files."""
    home = Home(folder)
    return {
        "signing_key_file": str(event_keys.private_file(home, name)),
        "writers_file": str(event_keys.writers_file(home)),
    }


def environment_of(folder: Path, name: str) -> dict[str, str]:
    """The same as environment variables."""
    return {f"BUS_{field.upper()}": value for field, value in settings_of(folder, name).items()}
