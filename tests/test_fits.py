"""Ranges recovered from fitted maps."""

import numpy as np
import pytest

from lenet5.data.distortions import draw_maps
from lenet5.fits import beside, centre_row, fitted_range, fitted_ranges
from lenet5.paper.figures import load_fitted_maps
from lenet5.params import Range
from tests.training.made_data import RANGES


def drawn(examples: int) -> np.ndarray:
    ranges = RANGES.model_copy(update={"original": 0.0})
    return draw_maps(ranges, 3, 1, examples).double().numpy()


def test_what_the_project_draws_is_found_again() -> None:
    maps = drawn(2000)
    for found in fitted_ranges(maps, RANGES):
        width = found.drawn.high - found.drawn.low
        assert found.low == pytest.approx(found.drawn.low, abs=0.02 * width), found.name
        assert found.high == pytest.approx(found.drawn.high, abs=0.02 * width), found.name
        assert found.p_value > 1e-3, found.name
    row = centre_row(maps, RANGES.scale_centre_row)
    assert row.fitted == pytest.approx(RANGES.scale_centre_row, abs=4 * row.standard_error)


def test_another_range_is_not_taken_for_that_of_fig_7() -> None:
    values = drawn(100)[:, 3]
    assert fitted_range("shift", values, Range(low=-2.0, high=2.0)).p_value > 1e-3
    assert fitted_range("shift", values, Range(low=-4.0, high=4.0)).p_value < 1e-3
    assert fitted_range("shift", values, Range(low=0.0, high=0.0)).p_value < 1e-3


def test_fig_7_agrees_with_the_ranges_of_params() -> None:
    fits = load_fitted_maps()
    found_all = beside(fits, RANGES)
    assert found_all.largest_tilt < 0.012  # nothing is rotated
    assert found_all.centre.fitted == pytest.approx(RANGES.scale_centre_row, abs=2 * found_all.centre.standard_error)
    for found in found_all.ranges:
        assert found.p_value > 0.05, found.name
