"""What a study found out about its space: which dimension matters, which values were good, what accuracy costs."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from lenet5.report.style import COLOURS, MUTED, house_style, new_figure, plain_percent_axis

Floats = npt.NDArray[np.float64]
DECADE = 10.0
"""An axis whose values span more than this is drawn logarithmically."""


def importances(shares: Mapping[str, float], epoch: int) -> Figure:
    """Draw each dimension's share of the variance of the validation error after `epoch`, the largest on top."""
    with house_style():
        figure = new_figure(8, 0.9 + 0.45 * len(shares))
        axes = figure.subplots()
        names, values = list(shares)[::-1], list(shares.values())[::-1]
        bars = axes.barh(names, values, color=COLOURS[0])
        axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=4, color=MUTED)
        axes.set_xlim(0, max(0.1, *values) * 1.12)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"share of the variance of the validation error after epoch {epoch} (fANOVA)")
        return figure


def parallel_coordinates(columns: Mapping[str, Sequence[float]], errors: Sequence[float], epoch: int) -> Figure:
    """Draw a line for each trial through its values, coloured by its validation error in percent after `epoch`.

    `columns` has the trials' values by dimension, of those in which the trials differ.
    """
    with house_style():
        figure = new_figure(max(8, 1.5 + 1.2 * len(columns)), 4.8)
        axes = figure.subplots()
        heights = np.array([scaled(np.asarray(values, dtype=np.float64)) for values in columns.values()])
        colours = matplotlib.colormaps["viridis"]
        norm = LogNorm(min(errors), max(min(errors) * 1.01, *errors))
        for trial in np.argsort(errors)[::-1]:  # the best on top
            axes.plot(heights[:, trial], color=colours(norm(errors[trial])), linewidth=1.4, alpha=0.85)
        for position, (name, values) in enumerate(columns.items()):
            mark_ends(axes, position, name, min(values), max(values))
        frame(axes, len(columns))
        bar = figure.colorbar(ScalarMappable(norm, colours), ax=axes, pad=0.02)
        bar.set_label(f"validation error after epoch {epoch} [%]")
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        bar.ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        return figure


def scaled(values: Floats) -> Floats:
    """From 0 at the smallest to 1 at the largest; by the logarithm if they span more than a decade."""
    if values.min() > 0 and values.max() > DECADE * values.min():
        values = np.log(values)
    span = values.max() - values.min()
    heights: Floats = (values - values.min()) / span if span else np.full(len(values), 0.5)
    return heights


def mark_ends(axes: Axes, position: int, name: str, low: float, high: float) -> None:
    """An upright axis at `position`, its lowest and highest value, and its name."""
    axes.axvline(position, color=MUTED, linewidth=0.8, zorder=0)
    for value, height, side in ((low, -0.03, "top"), (high, 1.03, "bottom")):
        axes.text(position, height, f"{value:.3g}", ha="center", va=side, color=MUTED, fontsize=9)
    log = ", log" if low > 0 and high > DECADE * low else ""
    axes.text(position, -0.12, f"{name}{log}", ha="center", va="top", fontsize=9)


def frame(axes: Axes, columns: int) -> None:
    axes.set_axis_off()
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.2, 1.1)


def pareto_front(costs: Sequence[int], errors: Sequence[float], front: Mapping[int, tuple[int, float]]) -> Figure:
    """Draw the finished trials by multiply-adds and validation error in percent, and those that none beats in both.

    `front` has the trials' numbers with their multiply-adds and errors.
    """
    with house_style():
        figure = new_figure(8, 4.8)
        axes = figure.subplots()
        axes.plot(costs, errors, "o", color=MUTED, markersize=5, alpha=0.7, label="finished trials")
        points = sorted(front.values())
        steps = [cost for cost, _ in points], [error for _, error in points]
        axes.step(*steps, where="post", color=COLOURS[0], linewidth=1.3)
        axes.plot(*steps, "o", color=COLOURS[0], markersize=7, label="Pareto front, with trial numbers")
        for number, point in front.items():
            axes.annotate(str(number), point, xytext=(5, 5), textcoords="offset points", fontsize=9)
        plain_percent_axis(axes)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value / 1000:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("multiply-adds of one image [thousands]")
        axes.set_ylabel("validation error [%]")
        figure.legend(loc="outside upper left", ncols=2)
        return figure
