"""Chromium of the system, driven by playwright; where it is missing, tests skip with one line, and
fail in CI.
"""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

_MISSING = "Chromium is not on this machine (on Debian: apt-get install chromium)"


def chromium() -> str:
    """Where Chromium is; skips the test where it is not, and fails it in CI."""
    executable = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    return executable


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One headless browser for all tests of the session."""
    executable = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox"]
        )
        yield browser
        await browser.close()
