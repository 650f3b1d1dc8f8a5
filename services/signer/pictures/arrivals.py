"""Pictures on their way in: only what has arrived takes room, and nobody takes all of it."""

from collections.abc import Iterator
from contextlib import contextmanager


class NoRoomError(Exception):
    """There is no room for more bytes, or somebody else needed it more."""


class ArrivingPicture:
    """The bytes of one picture, as many as have come."""

    def __init__(self, arrivals: "Arrivals", who: str) -> None:
        self._arrivals = arrivals
        self.who = who
        self.content = bytearray()
        self.is_read = False
        self.dropped = False

    def add(self, part: bytes) -> None:
        """Takes what came; NoRoomError where there is no room, or no longer."""
        if not self.dropped:
            self._arrivals.make_room(self, len(part))
        if self.dropped:
            raise NoRoomError
        self.content += part

    def drop(self) -> None:
        """Lets go of what came; whoever sends it, or waits for its codes, is told so."""
        self.content, self.dropped = bytearray(), True


class Arrivals:
    """All pictures that are being sent or wait to be read, within `most_bytes`.

    Where these are full, whoever holds most loses the largest that nobody is reading yet.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._pictures: set[ArrivingPicture] = set()

    @contextmanager
    def receive(self, who: str) -> Iterator[ArrivingPicture]:
        """A picture of `who`, that takes room until the end of the block."""
        picture = ArrivingPicture(self, who)
        self._pictures.add(picture)
        try:
            yield picture
        finally:
            self._pictures.remove(picture)

    def make_room(self, picture: ArrivingPicture, size: int) -> None:
        """Makes room for `size` bytes more of a picture, or drops that picture itself."""
        if not self._is_full(size):
            return
        while self._is_full(size):
            greediest = max(
                (other for other in self._pictures if not (other.is_read or other.dropped)),
                key=lambda other: (self._held(other.who), len(other.content)),
            )
            greediest.drop()
            if greediest is picture:
                return

    def _is_full(self, size: int) -> bool:
        return sum(len(other.content) for other in self._pictures) + size > self._most_bytes

    def _held(self, who: str) -> int:
        return sum(len(other.content) for other in self._pictures if other.who == who)
