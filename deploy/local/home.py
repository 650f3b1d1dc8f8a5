"""The folder in which the embedded mode keeps its data and its secrets: made on first start, found
again after.
"""

import os
import secrets
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one folder (`HOCHIEU_HOME`, `var` by default); the logs in another one, where
    `log_folder` names it.
    """

    root: Path
    log_folder: Path | None = None

    @classmethod
    def default(cls) -> "Home":
        """The folder named by the environment, or `var` in the current one."""
        return cls(Path(os.environ.get("HOCHIEU_HOME", "var")).resolve())

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def registry(self) -> Path:
        return self.root / "registry"

    @property
    def sample(self) -> Path:
        return self.root / "sample"

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def logs(self) -> Path:
        return self.log_folder or self.root / "logs"

    @property
    def signing_keys(self) -> Path:
        return self.root / "keys"

    @property
    def jwks(self) -> Path:
        return self.root / "secrets" / "jwks.json"

    @property
    def audit_heads(self) -> Path:
        return self.root / "audit-heads.jsonl"

    def prepare(self) -> None:
        """Makes the folders that are missing; nobody else on this machine may look into them."""
        if not self.root.exists():
            make_private(self.root)
        if self.log_folder is not None:
            self.log_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (
            self.postgres,
            self.registry,
            self.sample,
            self.mail,
            self.root / "logs",
            self.signing_keys,
            self.root / "secrets",
        ):
            make_private(folder)

    def secret(self, name: str, size: int = 32) -> Path:
        """A file with `size` random bytes in base64, made once and readable by its owner alone."""
        path = self.root / "secrets" / name
        if not path.exists():
            make_private(path.parent)
            write_private(path, b64encode(secrets.token_bytes(size)))
        return path


def make_private(folder: Path) -> None:
    """Makes a folder that its owner alone may enter, or closes one that is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)
