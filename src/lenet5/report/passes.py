"""Test and training error pass by pass, beside the curves of the paper's Fig. 5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lenet5.paper.published import TrainingCurves
from lenet5.report.style import INK, colour_and_line, house_style, new_figure, plain_percent_axis

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PassErrors:
    """One network's errors in percent after passes 1, 2, ... [passes]; those in training are taken on the fly."""

    test_pct: Floats
    train_pct: Floats


def errors_by_pass(rows: Mapping[str, Sequence[PassErrors]], published: TrainingCurves) -> Figure:
    """Draw the errors of each row, one colour a row and one thin line a seed, and the paper's dashed.

    Args:
        rows: for each row's label, its networks.
        published: the paper's curves, with a band as wide as they can be read.
    """
    with house_style():
        figure = new_figure(9.6, 5.0)
        test, train = figure.subplots(1, 2, sharey=True)
        for position, (label, networks) in enumerate(rows.items()):
            draw_networks(test, label, [each.test_pct for each in networks], position)
            draw_networks(train, None, [each.train_pct for each in networks], position)
        draw_band(test, published, published.test_error_pct, f"the paper ({published.source}), as read off")
        draw_band(train, published, published.train_error_pct, None)
        test.set_title("test error", fontweight="normal")
        train.set_title("training error, averaged during the pass", fontweight="normal")
        test.set_ylabel("[%]")
        for axes in (test, train):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
            axes.set_xlabel("pass over the training set")
            plain_percent_axis(axes)
        figure.legend(loc="outside upper left", ncols=3)
        return figure


def draw_networks(axes: Axes, label: str | None, networks: Sequence[Floats], position: int) -> None:
    """One thin line a network; the legend names the row once, if `label` is given."""
    colour, line = colour_and_line(position)
    for number, errors in enumerate(networks):
        seeds = f"{len(networks)} seeds" if len(networks) > 1 else "1 seed"
        named = f"{label}, {seeds}" if label and number == 0 else None
        passes = np.arange(1, len(errors) + 1)
        axes.plot(passes, errors, color=colour, linestyle=line, linewidth=1.1, alpha=0.85, label=named)


def draw_band(axes: Axes, published: TrainingCurves, errors_pct: Sequence[float], label: str | None) -> None:
    """The paper's curve with its points, and how far the reading may be off."""
    errors, slack = np.array(errors_pct), published.reading_error_pct
    axes.fill_between(published.passes, errors - slack, errors + slack, color=INK, alpha=0.12, linewidth=0)
    (line,) = axes.plot(published.passes, errors, color=INK, linestyle="dashed", label=label)
    line.set(linewidth=1.6, marker="o", markersize=3)
