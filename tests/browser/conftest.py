"""A browser for all tests here, and where its pictures go."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.chromium import chromium

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(os.environ.get("LENET5_SCREENSHOTS", ROOT / ".cache" / "screenshots"))
Photographer = Callable[..., None]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module and no longer: while Playwright runs, nothing else in this process can start an event loop."""
    with chromium() as started:
        yield started


@pytest.fixture
def photograph(request: pytest.FixtureRequest) -> Photographer:
    """Keeps a picture of a page or of a part of it, named after the test, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")

    def take(seen: Page | Locator, suffix: str = "") -> None:
        path = SCREENSHOTS / f"{name}{suffix}.png"
        if isinstance(seen, Page):
            seen.screenshot(path=path, full_page=True)
        else:
            seen.screenshot(path=path)

    return take
