"""Fills the page's template: values in, HTML out; no number is written in the template itself."""

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.ticker import MaxNLocator

from lenet5.paper.published import Citation
from lenet5.report.page.cost import LayerCost, NetworkCost
from lenet5.report.page.gallery import Gallery

TEMPLATE = "page.html.j2"
STYLE = "page.css"
SCRIPTS = ("lenet5.js", "strokes.js", "activations.js", "drawing.js")
VERDICTS = ("better", "reproduced", "worse", "inconclusive")


@dataclass(frozen=True)
class Demonstration:
    """The network that runs on the page: its row and seed, what `exported` made of it, and its layers' costs."""

    row: str
    seed: int
    network: Mapping[str, Any]
    layers: Sequence[LayerCost]


@dataclass(frozen=True)
class Study:
    """The study in numbers: how many trials ended how, and the hyperparameters that it chose."""

    states: Mapping[str, int]
    chosen: Mapping[str, float]


@dataclass(frozen=True)
class Page:
    """All that the page tells.

    `comparison` is the text of comparison.csv, `rows` says in words how the networks of each of its rows came about, in
    the same order; `figures` are PNG by name.
    """

    comparison: str
    rows: Sequence[str]
    citation: Citation
    confidence: float
    margin_pct: float
    paper_uncertainty_pct: float
    figures: Mapping[str, bytes]
    galleries: Sequence[Gallery]
    study: Study
    costs: Sequence[NetworkCost]
    demonstration: Demonstration | None
    portable: bool


def page_html(page: Page) -> str:
    """The page as one HTML file that asks for nothing else; its bytes depend on `page` alone."""
    environment = Environment(
        loader=PackageLoader("lenet5.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"data_uri": data_uri, "thousands": thousands}
    rows = list(csv.DictReader(io.StringIO(page.comparison)))
    return environment.get_template(TEMPLATE).render(
        page=page,
        compared=[
            (row, words, ticks(row, page.paper_uncertainty_pct)) for row, words in zip(rows, page.rows, strict=True)
        ],
        verdicts=Counter(row["verdict"] for row in rows),
        known_verdicts=VERDICTS,
        style=text_of(STYLE),
        script="\n".join(text_of(name) for name in SCRIPTS) if page.demonstration else "",
        network=in_script(page.demonstration.network) if page.demonstration else "",
    )


def text_of(name: str) -> str:
    """A file beside this one, to stand in the page as it is."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def in_script(content: Mapping[str, Any]) -> str:
    """JSON that cannot end the <script> element it stands in."""
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")


def ticks(row: Mapping[str, str], uncertainty_pct: float) -> list[float]:
    """The marks of a row's chart: error rates in percent, from 0 to beyond all that it shows."""
    end = max(float(row["ci_high"]), float(row["paper_error_pct"]) + uncertainty_pct)
    return [float(mark) for mark in MaxNLocator(nbins=4).tick_values(0, 1.02 * end)]


def data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def thousands(number: int) -> str:
    return f"{number:,}"
