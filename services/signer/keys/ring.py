"""All keys of one issuer: the one that signs now, and those whose certificates are still out
there.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography import x509

from services.chassis.errors import TransientError
from services.chassis.periodic import UnknownError, periodic
from services.signer.hcert.cose import Algorithm, Envelope
from services.signer.keys.certify import DSC_TERM
from services.signer.keys.port import KeyUnavailableError, Signer

_log = logging.getLogger(__name__)


class Ring(Protocol):
    """What the service asks of its keys."""

    @property
    def active(self) -> Signer:
        """The key that signs new certificates."""

    @property
    def signers(self) -> Mapping[bytes, Signer]:
        """All keys by their identifier, to finish stored intents and to render."""

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The CSCAs."""

    def envelope(self, kid: bytes) -> Envelope:
        """The envelope of a stored certificate's key; KeyError where the ring never had it."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys as they were at one moment."""

    active: Signer
    signers: Mapping[bytes, Signer]
    roots: tuple[x509.Certificate, ...]

    def envelope(self, kid: bytes) -> Envelope:
        """The envelope of a stored certificate's key; KeyError where the ring never had it."""
        return self.signers[kid].envelope


def newest_in_use(signers: Iterable[Signer], algorithm: Algorithm, now: datetime) -> Signer | None:
    """The key that is to sign at `now`: the newest of `algorithm` within its time of use."""
    fit = (
        signer
        for signer in signers
        if signer.envelope.algorithm is algorithm and DSC_TERM.in_use(signer.certificate, now)
    )
    return max(fit, key=lambda signer: signer.window.not_before, default=None)


class LiveRing:
    """The keys as they are now: read again every so often, and at once where a key is missing.

    So a new key needs no restart, and what another process signs with it can be shown here without
    waiting. The first reading raises what `read` raises: KeyUnavailableError, TransientError.
    """

    def __init__(self, read: Callable[[], KeyRing]) -> None:
        self._read = read
        self._ring = read()
        self._missing: set[bytes] = set()

    @property
    def active(self) -> Signer:
        """The key that signs new certificates."""
        return self._ring.active

    @property
    def signers(self) -> Mapping[bytes, Signer]:
        """All keys by their identifier; asking for one that is not there reads the ring again."""
        return _LiveSigners(self)

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The CSCAs."""
        return self._ring.roots

    def envelope(self, kid: bytes) -> Envelope:
        """The envelope of a stored certificate's key; KeyError where no key store has it."""
        return self.signers[kid].envelope

    def read_again(self) -> KeyRing:
        """Reads the keys; TransientError, and the keys stay as they were, where that fails now,
        whatever the reason.
        """
        try:
            self._ring = self._read()
        except KeyUnavailableError as error:
            raise TransientError(str(error)) from error
        self._missing.clear()
        return self._ring

    def find(self, kid: bytes) -> Signer:
        """The key of that identifier; KeyError where no key store has it.

        A key that is not there is sought again only after the next reading. One that leaked and was
        taken away is needed again and again, for everybody whose certificate it had signed.
        """
        signer = self.last_read().get(kid)
        if signer is None and kid not in self._missing:
            signer = self.read_again().signers.get(kid)
        if signer is None:
            self._missing.add(kid)
            raise KeyError(kid.hex())
        return signer

    def last_read(self) -> Mapping[bytes, Signer]:
        """The keys as they were last read."""
        return self._ring.signers

    async def follow(
        self, stop: asyncio.Event, every_s: float, then: Callable[[KeyRing], None]
    ) -> None:
        """Reads the keys every `every_s` seconds until `stop` is set, each time followed by `then`;
        goes on with the old while it fails.
        """

        async def read() -> None:
            try:
                then(await asyncio.to_thread(self.read_again))
            except (TransientError, OSError) as error:
                _log.error("keys cannot be read again: %s", error)

        await periodic("keys", read, stop, every_s, UnknownError.ENDS_THE_SERVICE)


class _LiveSigners(Mapping[bytes, Signer]):
    def __init__(self, ring: LiveRing) -> None:
        self._ring = ring

    def __getitem__(self, kid: bytes) -> Signer:
        return self._ring.find(kid)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._ring.last_read())

    def __len__(self) -> int:
        return len(self._ring.last_read())
