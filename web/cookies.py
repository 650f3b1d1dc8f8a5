"""The cookies of the pages: opaque, unread by scripts, and where people come by HTTPS bound to this
very host.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

_PENDING: Final = "hochieu.cookies"


@dataclass(frozen=True, slots=True)
class Jar:
    """Reads and sets cookies by their short names; `secure`: whether people come by HTTPS."""

    secure: bool

    def read(self, request: Request, name: str) -> str | None:
        """A cookie that came with a request."""
        return request.cookies.get(self._full(name))

    def set(self, request: Request, name: str, value: str, max_age_s: int | None = None) -> None:
        """Sets a cookie with whatever is answered; without `max_age_s` until the browser ends."""
        age = "" if max_age_s is None else f"; Max-Age={max_age_s}"
        end = "; Secure" if self.secure else ""
        pending(request).append(
            f"{self._full(name)}={value}; Path=/{age}; HttpOnly; SameSite=Lax{end}"
        )

    def choose(self, request: Request, name: str, value: str, max_age_s: int) -> None:
        """Sets a cookie of how pages look, which scripts may set as well; it proves nothing."""
        end = "; Secure" if self.secure else ""
        pending(request).append(f"{name}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax{end}")

    def forget(self, request: Request, name: str) -> None:
        """Has the browser forget a cookie."""
        self.set(request, name, "", 0)

    def _full(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


def pending(request: Request) -> list[str]:
    """What will be set with this request's answer."""
    cookies: list[str] = request.scope.setdefault(_PENDING, [])
    return cookies
