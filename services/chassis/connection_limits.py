"""What one HTTP connection may cost a process: bytes, seconds, and how many there are."""

from pydantic import BaseModel, Field


class ConnectionLimits(BaseModel):
    """Limits of a server's connections; `HTTP_HEADER_S` and the like.

    A body is whole after `body_s` seconds, or came at `min_bytes_per_s` at least, and so again
    after each such span. Who reads an answer must take as much. `max_per_address`: None where a
    proxy in front counts.
    """

    max_header_bytes: int = Field(32 << 10, gt=0)
    header_s: float = Field(20.0, gt=0)
    body_s: float = Field(20.0, gt=0)
    min_bytes_per_s: int = Field(500, gt=0)
    idle_s: int = Field(150, gt=0)
    max_connections: int = Field(1000, gt=0)
    max_per_address: int | None = Field(None, gt=0)

    @property
    def least_bytes(self) -> float:
        """Of a body or an answer in each span."""
        return self.min_bytes_per_s * self.body_s
