"""The page as text: it holds what it is given, escapes it, and asks for nothing else."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import numpy as np
import pytest

from lenet5.models.lenet import LeNet5, build
from lenet5.paper.published import load_published
from lenet5.report.page.cost import NetworkCost, layer_costs
from lenet5.report.page.exported import exported
from lenet5.report.page.gallery import Gallery, gallery
from lenet5.report.page.render import Demonstration, Page, Study, page_html
from tests.report.page_network import CHOSEN

HEAD = "row,paper_error_pct,paper_source,error_pct,ci_low,ci_high,seeds,verdict\n"
PIXEL = b"\x89PNG\r\n"


class Elements(HTMLParser):
    """All elements with their attributes, and all words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page(rows: Sequence[str] = ("lenet5",), verdict: str = "worse", runs: bool = True) -> Page:
    lines = [f'"{row}",0.95,"Fig. 9, p. 12",1.234,1.111,1.321,2,{verdict}' for row in rows]
    return Page(
        comparison=HEAD + "\n".join(lines) + "\n",
        rows=["How it came about."] * len(rows),
        citation=load_published().citation,
        confidence=0.9,
        margin_pct=0.25,
        paper_uncertainty_pct=0.1,
        figures={"curves": PIXEL, "confusion": PIXEL},
        galleries=[mistakes(row) for row in rows],
        study=Study({"COMPLETE": 5, "PRUNED": 7, "FAILED": 0}, {"learning_rate": 0.125}),
        costs=[NetworkCost(row, 60_000, 326_520) for row in rows],
        demonstration=demonstration(rows[-1]) if runs else None,
        portable=True,
    )


def mistakes(row: str) -> Gallery:
    """Three patterns, the second of them the surest mistake."""
    images = np.full((3, 32, 32), -0.1, dtype=np.float32)
    thoughts = np.full((3, 10), 0.01)
    thoughts[:, 4], thoughts[:, 9] = (0.3, 0.1, 0.2), (0.5, 0.8, 0.6)
    label, predicted = np.array([4, 4, 4]), np.array([9, 9, 9])
    return gallery(row, 1, images, np.array([115, 247, 9]), label, predicted, thoughts)


def demonstration(row: str) -> Demonstration:
    network = build("lenet5", "rbf")
    assert isinstance(network, LeNet5)
    return Demonstration(row, 1, exported(network, CHOSEN), layer_costs(network))


def test_numbers_are_those_given() -> None:
    words = " ".join(Elements(page_html(page())).words)
    for number in ("1.234 %", "1.111 to 1.321 %", "90 % interval, 2 networks", "0.25 percentage points", "340,908"):
        assert number in words
    assert "1 of 1 worse" in words
    assert "A study of 12 trials" in words and "failed" not in words
    assert "0.125" in words


@pytest.mark.parametrize("runs", [True, False])
def test_nothing_is_fetched_and_every_picture_is_described(runs: bool) -> None:
    html = page_html(page(("one", "two", "three"), runs=runs))
    elements = Elements(html)
    sources = [str(each.get("src")) for tag, each in elements.found if "src" in each]
    assert sources and all(source.startswith("data:") for source in sources)
    assert [each["href"] for each in elements.of("link")] == ["data:,"]
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", html)
    assert "default-src 'none'" in str(elements.of("meta"))
    described = elements.of("img") + [each for each in elements.of("canvas")]
    assert all(each.get("alt") or each.get("aria-label") for each in described)
    assert all(each.get("aria-label") for each in elements.of("svg") if each.get("role") == "img")


def test_ids_are_given_once_and_links_within_lead_somewhere() -> None:
    elements = Elements(page_html(page(("one", "two"))))
    names = [each["id"] for _, each in elements.found if "id" in each]
    assert len(names) == len(set(names))
    assert {str(each["href"])[1:] for each in elements.of("a") if str(each["href"]).startswith("#")} <= set(names)


def test_names_cannot_become_markup() -> None:
    html = page_html(page(("<script>alert(1)</script>",)))
    assert "<script>alert" not in html
    assert len(Elements(html).of("script")) == 2


def test_without_a_network_there_is_neither_box_nor_script() -> None:
    elements = Elements(page_html(page(runs=False)))
    assert elements.of("canvas") == elements.of("script") == elements.of("button") == []


def test_the_surest_mistakes_come_first() -> None:
    assert [mistake.index for mistake in mistakes("lenet5").mistakes] == [247, 9, 115]
    words = " ".join(Elements(page_html(page())).words)
    assert words.index("4 → 9 10 % → 80 %") < words.index("4 → 9 20 % → 60 %") < words.index("4 → 9 30 % → 50 %")


def test_pages_of_equal_values_are_equal() -> None:
    assert page_html(page()) == page_html(page())
