"""The affine maps fitted to the paper's Fig. 7, in the terms of params.yaml, beside the ranges that stand there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from lenet5.paper.figures import FittedMaps
from lenet5.params import Distortions, Range

Floats = npt.NDArray[np.float64]
MIDDLE = 15.5
"""The middle of the 32x32 field, in pixels; maps are written relative to it."""


@dataclass(frozen=True)
class FittedRange:
    """One quantity: its smallest, mean and largest fitted value, and the range that this project draws from.

    `p_value` is Kolmogorov and Smirnov's: of values as far from evenly spread over that range, were they drawn from it.
    """

    name: str
    low: float
    mean: float
    high: float
    drawn: Range
    p_value: float


@dataclass(frozen=True)
class CentreRow:
    """The row that scaling leaves in place: fitted by least squares, with its standard error, and the project's."""

    fitted: float
    standard_error: float
    used: float


@dataclass(frozen=True)
class Fits:
    """All that the fits say; `largest_tilt` are the rows that the source falls per column, at most."""

    ranges: list[FittedRange]
    centre: CentreRow
    largest_tilt: float


def beside(fitted: FittedMaps, ranges: Distortions) -> Fits:
    """The fits beside the ranges that this project draws from."""
    centre = centre_row(fitted.maps, ranges.scale_centre_row)
    return Fits(fitted_ranges(fitted.maps, ranges), centre, float(np.abs(fitted.tilt).max()))


def fitted_ranges(maps: Floats, ranges: Distortions) -> list[FittedRange]:
    """What `maps` [n, 5] (x-step, y-step, shear, x-shift, y-shift) say of each range of `ranges`."""
    x_step, y_step, shear, x_shift, y_shift = maps.T
    about_the_middle = y_shift - (ranges.scale_centre_row - MIDDLE) * (1 - y_step)
    quantities = (
        ("scale", np.sqrt(x_step * y_step), ranges.scale),
        ("squeeze", np.sqrt(x_step / y_step), ranges.squeeze),
        ("shear", shear / y_step, ranges.shear),
        ("horizontal shift", x_shift, ranges.shift),
        ("vertical shift", about_the_middle, ranges.shift),
    )
    return [fitted_range(name, values, drawn) for name, values, drawn in quantities]


def fitted_range(name: str, values: Floats, drawn: Range) -> FittedRange:
    """Lay the `values` [n] of one quantity beside the range that is drawn from."""
    # A range of one value has no law of its own: any other value is as far from it as can be.
    width = max(drawn.high - drawn.low, float(np.finfo(np.float64).tiny))
    p_value = float(stats.kstest(values, stats.uniform(drawn.low, width).cdf).pvalue)
    return FittedRange(name, float(values.min()), float(values.mean()), float(values.max()), drawn, p_value)


def centre_row(maps: Floats, used: float) -> CentreRow:
    """The row about which `maps` [n, 5] scale: how the vertical shift goes with the vertical step."""
    line = stats.linregress(1 - maps[:, 1], maps[:, 4])
    return CentreRow(MIDDLE + float(line.slope), float(line.stderr), used)
