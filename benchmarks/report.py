"""Writes the page and the figures from what the csv files hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.records import Measurement, Operation, read
from benchmarks.summary import Book
from pipeline.files import write_text, writing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_report(folder: Path) -> None:
    """README.md and the figures of `folder`, made from its measurements.csv and profile.csv.

    Raises:
        UserError: a file is not what the measurements leave.
    """
    # Late: what a process has in memory when it starts another one counts as the other's, too.
    from benchmarks import figures, page
    from lenet5.report.style import png_bytes

    measurements = read(folder / "measurements.csv", Measurement)
    operations = read(folder / "profile.csv", Operation)
    book = Book(measurements)
    makers: dict[str, Callable[[], Figure]] = {
        "epoch": lambda: figures.epoch_figure(book),
        "coordinator": lambda: figures.coordinator_figure(book),
        "growth-examples": lambda: figures.growth_figure(book, "growth-examples", "examples"),
        "growth-trials": lambda: figures.growth_figure(book, "growth-trials", "trials"),
    }
    drawn = {page.FIGURES[row]: make() for row, make in makers.items() if book.cases(row)}
    if operations:
        drawn[page.FIGURES["profile"]] = figures.profile_figure(operations)
    for name, figure in drawn.items():
        with writing(folder / name) as temporary:
            temporary.write_bytes(png_bytes(figure))
    write_text(folder / "README.md", page.page(measurements, operations))
