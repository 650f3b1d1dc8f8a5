"""`python -m deploy.containers.probe [URL]`: the health check: ends with 1 unless the address
answers 200, or the port is open.
"""

import os
import socket
import sys
import urllib.request

_TIMEOUT_S = 4.0


def main() -> None:
    """Asks the address given, or else whether anything listens on `HTTP_PORT`."""
    if len(sys.argv) > 1:
        # OSError and its HTTP kinds (503 while not ready) end the process with 1
        urllib.request.urlopen(sys.argv[1], timeout=_TIMEOUT_S).close()  # noqa: S310
    else:
        socket.create_connection(
            ("127.0.0.1", int(os.environ.get("HTTP_PORT", "8080"))), _TIMEOUT_S
        ).close()


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"not answering: {type(error).__name__}")
