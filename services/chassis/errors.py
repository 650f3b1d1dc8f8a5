"""The one error type inside a service; only the HTTP edge turns it into a problem document."""

from typing import Any


class ServiceError(Exception):
    """An expected failure: a stable `code`, an HTTP `status`, a text in Vietnamese and English, and
    members for the problem document.

    The texts say what to do and never carry personal data.
    """

    def __init__(
        self,
        status: int,
        code: str,
        vi: str,
        en: str,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.vi = vi
        self.en = en
        self.headers = headers or {}
        self.members = members


class TransientError(Exception):
    """Something outside is not answering; the same work will succeed later, so it is retried and
    never skipped.
    """
