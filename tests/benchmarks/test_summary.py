"""Ratios and lines: what a page would claim must follow from the single turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reach import AIMS
from benchmarks.summary import Book, Line, Spread
from tests.benchmarks.made_measurements import EPOCHS, GROWTH, turn

TIMES = st.floats(0.01, 1000)


def test_a_ratio_is_taken_between_neighbouring_turns() -> None:
    """In the second turn the machine was half as fast for all: that must not show."""
    assert Book(EPOCHS).ratio("epoch", "batch 128", "bare portable", "ours portable") == Spread(3.0, 3.0, 3.0, 3)


def test_a_ratio_is_of_equal_amounts_of_work() -> None:
    two = [turn("study", "stock", 1, 100.0, size=2), turn("study", "ours", 1, 120.0, size=24)]
    assert Book(two).ratio("study", "batch 128", "stock", "ours") == Spread(10.0, 10.0, 10.0, 1)


def test_without_one_of_the_two_there_is_no_ratio() -> None:
    assert Book(EPOCHS).ratio("epoch", "batch 128", "nobody", "ours portable") is None


@given(TIMES, st.floats(0.001, 10), st.lists(st.integers(1, 10**5), min_size=3, max_size=6, unique=True))
def test_points_on_a_line_do_not_deviate_from_it(start: float, slope: float, sizes: list[int]) -> None:
    line = Line.through(sizes, [start + slope * size for size in sizes])
    assert line.deviation_pct < 0.01
    assert line.slope == pytest.approx(slope, rel=1e-3)


def test_the_largest_deviation_is_found() -> None:
    assert Line.through([1, 2, 3, 4], [1, 2, 3, 8]).deviation_pct > 20


def test_aims_are_figures_of_the_measurements() -> None:
    found = {aim.text: aim.figure(Book([*EPOCHS, *GROWTH])) for aim in AIMS}
    share = found["an epoch's share of the arithmetic limit"]
    lightning = found["what Lightning adds to the bare loop over the same network"]
    assert share and lightning
    assert (share.median, share.low) == (50, 25)
    assert lightning.median == pytest.approx(100 * (2.0 / 1.9 - 1))
    assert found["`dvc repro` from nothing"] is None


def test_aims_need_no_measurement() -> None:
    assert [aim.text for aim in AIMS if aim.figure(Book([]))] == []
