"""What the gateway may hold at once, and for how long; read from variables as services' settings
are.
"""

from urllib.parse import urlsplit

from services.chassis.connection_limits import ConnectionLimits
from services.chassis.environment import FromEnvironment


class GatewaySettings(FromEnvironment):
    """Limits of the gateway.

    `http`: of its clients' connections. `upstream_places`: requests at one part at a time, and
    `upstream_wait_s` how long a request waits for a place. `buffer_bytes` and `buffer_files`: of
    bodies on disk. `max_upload_bytes`: the largest body, as records has it. `public_origin`: as the
    signer has it; its name is no stranger's.
    """

    http: ConnectionLimits = ConnectionLimits(idle_s=75, max_connections=400, max_per_address=250)
    upstream_places: int = 64
    upstream_wait_s: float = 2.0
    buffer_bytes: int = 1 << 30
    buffer_files: int = 128
    max_upload_bytes: int = 180_000_000
    public_origin: str = "http://127.0.0.1:8000"

    @property
    def names(self) -> frozenset[str]:
        """The name by which people know the system."""
        return frozenset({urlsplit(self.public_origin).hostname or ""})
