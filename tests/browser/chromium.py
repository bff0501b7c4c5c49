"""Pages in a real browser: Debian's Chromium without a window, and a record of what went wrong in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# No sandbox: containers allow none, and only pages of this project are opened. The rest keeps it from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
OURS = ("file", "data", "blob", "about")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, with a new profile, while the block runs; skips the test if there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("needs Chromium (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, with the errors that it met and the requests that left this machine."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self.heard)
        self.page.on("request", self.asked)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location})")

    def asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in OURS and address.hostname != "127.0.0.1":
            self.outside.append(request.url)

    def assert_clean(self) -> None:
        # Told whole: pytest would shorten them.
        assert not self.errors, "\n".join(self.errors)
        assert not self.outside, "\n".join(self.outside)
