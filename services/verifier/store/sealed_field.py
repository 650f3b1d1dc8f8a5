"""A sealed column, declared once beside the rows that it belongs to."""

from contracts.ids import DoseId
from services.chassis.encryption import Sealer


class DoseSealedField:
    """A column of sealed bytes. A value opens only together with the dose that it was sealed for.

    `scope`: begins what the values are bound to, so that no column's value opens in another.
    """

    def __init__(self, scope: str) -> None:
        self._scope = scope.encode()

    def seal(self, sealer: Sealer, dose_id: DoseId, plain: bytes) -> bytes:
        """The sealed value of this dose."""
        return sealer.seal(plain, self._bound_to(dose_id))

    def unseal(self, sealer: Sealer, dose_id: DoseId, sealed: bytes) -> bytes:
        """The value of this dose; ValueError where it was sealed for another one."""
        return sealer.unseal(sealed, self._bound_to(dose_id))

    def _bound_to(self, dose_id: DoseId) -> bytes:
        return b"%s:%d" % (self._scope, dose_id)
