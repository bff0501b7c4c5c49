"""The report page in a browser: on a phone and a desktop, in light and dark, in print."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import Watched
from tests.browser.conftest import SCREENSHOTS, Photographer
from tests.report.page_network import PAGE

PHONE, DESKTOP = (390, 844), (1280, 900)
SECTIONS = ["verdicts", "draw", "training", "mistakes", "study", "cost", "check"]
# WCAG 2.2: text needs 4.5 times the luminance of its background, or the reverse; large text needs 3 times.
LEAST_CONTRAST = 4.5
CONTRASTS = """() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [red, green, blue] = channels(colour).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = getComputedStyle(each).backgroundColor;
            if ((channels(colour)[3] ?? 1) > 0) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
        if (element.closest("script, style, noscript, svg")) continue;
        const [text, back] = [getComputedStyle(element).color, behind(element)].map(luminance);
        const ratio = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
        found.push([ratio, walker.currentNode.textContent.trim().slice(0, 40)]);
    }
    return found;
}"""


@pytest.fixture(params=[(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")], ids=str)
def opened(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """The page as it lies in reports/; nothing may have gone wrong in it, and nothing been fetched."""
    (width, height), scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=width < 500, reduced_motion="reduce"
    )
    watched = Watched(context.new_page())
    watched.page.goto(PAGE.as_uri())
    yield watched.page
    watched.assert_clean()
    context.close()


def test_page(opened: Page, photograph: Photographer) -> None:
    photograph(opened)
    assert opened.title() == "LeNet-5, 1998: what reproduces"
    assert opened.locator("main > section").evaluate_all("all => all.map((each) => each.id)") == SECTIONS
    # What one sees first is a verdict, and nothing is wider than the window.
    assert opened.locator("h2").first.inner_text() == "Beside the paper"
    assert opened.evaluate("document.documentElement.scrollWidth") == opened.viewport_size["width"]  # type: ignore[index]
    assert all(opened.locator("img").evaluate_all("all => all.map((each) => each.complete && each.naturalWidth > 0)"))


def test_page_has_contrast(opened: Page) -> None:
    contrasts: list[tuple[float, str]] = opened.evaluate(CONTRASTS)
    assert len(contrasts) > 200
    assert [(round(ratio, 2), text) for ratio, text in contrasts if ratio < LEAST_CONTRAST] == []


def test_page_has_names_for_all_that_can_be_used(opened: Page) -> None:
    tree = opened.locator("body").aria_snapshot()
    assert "button:" not in tree and "- button\n" not in tree, "a button without a name"
    for name in ('"Clear"', '"Draw a 3"', '"Beside the paper"', "What the verdicts mean"):
        assert name in tree


def test_page_in_print(browser: Browser, photograph: Photographer) -> None:
    context = browser.new_context(viewport={"width": 794, "height": 1123}, color_scheme="dark")
    watched = Watched(context.new_page())
    watched.page.goto(PAGE.as_uri())
    watched.page.emulate_media(media="print")
    photograph(watched.page)
    watched.page.pdf(path=SCREENSHOTS / "page-in-print.pdf", format="A4", print_background=False)
    colour = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(255, 255, 255)"
    assert not watched.page.locator("nav").is_visible()
    assert not watched.page.locator("#clear").is_visible()
    # What is folded away on the screen stands on paper.
    assert all(shown(watched.page, ".gallery ul")) and all(shown(watched.page, ".meanings"))
    watched.assert_clean()
    context.close()


def shown(page: Page, selector: str) -> list[Any]:
    found: list[Any] = page.locator(selector).evaluate_all("all => all.map((each) => each.checkVisibility())")
    return found


def test_page_without_javascript(browser: Browser, photograph: Photographer) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE.as_uri())
    photograph(page.locator("#draw"))
    assert page.get_by_text("The box needs JavaScript").is_visible()
    assert not page.locator("#paper").is_visible()
    context.close()
