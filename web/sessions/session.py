"""One signed-in person at one browser, as pages use it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Final, Literal

from starlette.requests import Request

from services.chassis.auth import Principal
from services.chassis.encryption import Sealer
from web.asking import ServiceName, Services
from web.cookies import Jar
from web.errors import of_another_session
from web.sessions.tokens import Tokens

NOTICES: Final = "notices"
NoticeKind = Literal["done", "info", "warning"]


@dataclass(frozen=True, slots=True)
class Session(Principal):
    """Who is signed in (subject, roles, claims), and what a page does in their name."""

    id: bytes
    tokens: Tokens
    request: Request
    jar: Jar
    sealer: Sealer
    services: Services
    address: str

    def client(self, service: ServiceName) -> Any:
        """The generated client of a service, with this person's token and address."""
        return self.services.client(service, self.tokens.access, self.address)

    def remember(self, value: str) -> str:
        """An opaque text for `value`, to stand in an address; only this session understands it."""
        sealed = self.sealer.seal(value.encode(), b"remembered:" + self.id)
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    def recall(self, token: str) -> str:
        """What `remember` was given; ServiceError 404 where it was in another session."""
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            return self.sealer.unseal(sealed, b"remembered:" + self.id).decode()
        except ValueError as error:
            raise of_another_session() from error

    def say(self, kind: NoticeKind, vi: str, en: str) -> None:
        """Shows a sentence at the top of the next page that is shown."""
        said = [*self.notices(), [kind, vi, en]]
        sealed = self.sealer.seal(json.dumps(said).encode(), b"notices:" + self.id)
        self.jar.set(self.request, NOTICES, urlsafe_b64encode(sealed).decode())

    def notices(self) -> list[tuple[NoticeKind, str, str]]:
        """What is to be shown: kind, Vietnamese, English."""
        kept = self.jar.read(self.request, NOTICES)
        if not kept:
            return []
        try:
            plain = self.sealer.unseal(urlsafe_b64decode(kept), b"notices:" + self.id)
        except ValueError:
            return []
        return [(kind, vi, en) for kind, vi, en in json.loads(plain)]
