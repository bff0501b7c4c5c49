"""The box to draw in, used as a person does: with mouse, finger and keyboard."""

import base64
from collections.abc import Iterator
from itertools import pairwise

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page

from lenet5.evaluation import scores_of
from tests.browser.chromium import Watched
from tests.browser.conftest import Photographer
from tests.report.page_network import PAGE, in_python, inputs, mnist_digits, network_of_the_page

# Points of a 3 as shares of the box: drawn for this test, not one of the page's examples.
THREE = [(0.33, 0.2), (0.5, 0.14), (0.64, 0.22), (0.62, 0.38), (0.46, 0.47), (0.64, 0.55), (0.66, 0.74), (0.5, 0.84)]
THREE += [(0.32, 0.77)]
PENALTIES = """(text) => {
    const network = new LeNet5(JSON.parse(document.getElementById("network").textContent));
    const values = decodeFloats(text);
    return Array.from({ length: values.length / 1024 }, (_, number) =>
        network.layers(values.subarray(1024 * number, 1024 * (number + 1))).penalties);
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    watched = Watched(context.new_page())
    watched.page.goto(PAGE.as_uri())
    yield watched.page
    watched.assert_clean()
    context.close()


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    """One stroke with the mouse."""
    page.locator("#paper").scroll_into_view_if_needed()
    box = page.locator("#paper").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def read(page: Page, digit: str) -> None:
    """Wait until the network has read `digit`."""
    page.wait_for_function("digit => document.getElementById('answer').textContent === digit", arg=digit, timeout=5000)


def painted(canvas: Locator) -> bool:
    """Whether there is more than one shade on a canvas."""
    shades: list[int] = canvas.evaluate(
        "each => [...each.getContext('2d').getImageData(0, 0, each.width, each.height).data]"
    )
    return len(set(shades[::4])) > 1


def test_a_drawn_3_is_read_as_3(page: Page, photograph: Photographer) -> None:
    draw(page, THREE)
    read(page, "3")
    photograph(page.locator("#draw"))
    assert page.locator(".nearest").get_attribute("id") == "class-3"
    assert page.locator("#nearest-name").inner_text() == "3"
    assert "3" in page.locator("#said").inner_text()
    assert all(painted(page.locator(f"#{name}")) for name in ("input", "c1", "c3", "f6", "nearest"))
    shares = page.locator(".bar").evaluate_all("all => all.map((each) => parseFloat(each.style.width))")
    assert sum(shares) == pytest.approx(100)
    assert shares[3] == max(shares) > 50


def test_a_finger_draws_too(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    watched = Watched(context.new_page())
    watched.page.goto(PAGE.as_uri())
    watched.page.locator("#paper").scroll_into_view_if_needed()
    before = watched.page.evaluate("scrollY")
    box = watched.page.locator("#paper").bounding_box()
    assert box
    places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in THREE]
    touch = context.new_cdp_session(watched.page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": places[:1]})
    for start, end in pairwise(places):
        between = {"x": (start["x"] + end["x"]) / 2, "y": (start["y"] + end["y"]) / 2}
        for place in (between, end):
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    read(watched.page, "3")
    assert watched.page.evaluate("scrollY") == before, "drawing scrolled the page"
    watched.assert_clean()
    context.close()


@pytest.mark.parametrize("digit", range(10))
def test_the_keyboard_has_a_digit_drawn(page: Page, digit: int) -> None:
    page.locator(f"[data-example='{digit}']").focus()
    page.keyboard.press("Enter")
    read(page, str(digit))
    page.locator("#clear").focus()
    page.keyboard.press("Enter")
    read(page, "")


def test_a_cross_is_none_of_the_ten(page: Page, photograph: Photographer) -> None:
    draw(page, [(0.1, 0.1), (0.9, 0.9)])
    draw(page, [(0.9, 0.1), (0.1, 0.9)])
    read(page, "?")
    photograph(page.locator("#draw"))
    assert "None of the ten" in page.locator("#reason").inner_text()


def test_drawing_over_an_example_begins_anew(page: Page) -> None:
    page.locator("[data-example='8']").click()
    read(page, "8")
    draw(page, [(0.5, 0.15), (0.5, 0.85)])
    read(page, "1")


def test_each_mistake_is_made_again_on_the_page(page: Page, photograph: Photographer) -> None:
    buttons = page.locator("[data-mistake]")
    assert buttons.count() > 20
    for position in range(0, buttons.count(), 10):
        name = buttons.nth(position).locator("b").inner_text()
        buttons.nth(position).click()
        digit = page.locator("#nearest-name").inner_text()
        assert name.split(" → ")[1] == digit
    photograph(page.locator("#draw"))


@pytest.mark.network
def test_1000_test_digits_are_read_as_python_reads_them(page: Page) -> None:
    images = inputs(mnist_digits(1000))
    expected = -scores_of(in_python(network_of_the_page()), images)
    text = base64.b64encode(images.numpy().astype("<f4").tobytes()).decode()
    found = torch.tensor(page.evaluate(PENALTIES, text))
    assert torch.equal(found.argmin(1), expected.argmin(1))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
