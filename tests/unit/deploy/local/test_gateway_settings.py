"""The gateway's settings are those that the paper names."""

import re

from deploy.local.gateway_settings import GatewaySettings
from tests.support.paths import ROOT

PAPER = (ROOT / "docs/operations/settings.md").read_text()


def test_the_paper_names_the_gateway_s_own_numbers() -> None:
    cfg = GatewaySettings()
    names = dict(re.findall(r"`([A-Z_]+)` \(`([0-9.]+)`\)", PAPER.partition("Its own numbers")[2]))
    assert names == {
        "HTTP_IDLE_S": str(cfg.http.idle_s),
        "HTTP_MAX_CONNECTIONS": str(cfg.http.max_connections),
        "HTTP_MAX_PER_ADDRESS": str(cfg.http.max_per_address),
        "UPSTREAM_PLACES": str(cfg.upstream_places),
        "UPSTREAM_WAIT_S": str(cfg.upstream_wait_s),
        "BUFFER_BYTES": str(cfg.buffer_bytes),
        "BUFFER_FILES": str(cfg.buffer_files),
    }
