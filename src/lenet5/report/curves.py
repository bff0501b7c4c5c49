"""The training curves, beside those of the paper."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lenet5.paper.published import TrainingCurves
from lenet5.report.style import INK, colour_and_line, house_style, new_figure, plain_percent_axis


def training_curves(
    errors_pct: Mapping[str, Sequence[npt.NDArray[np.float64]]], published: TrainingCurves, published_label: str
) -> Figure:
    """Draw the training error by pass, one colour a row and one thin line a seed, with the paper's training curve.

    Args:
        errors_pct: for each row's label, the error in percent after passes 1, 2, ... of each seed.
        published: the paper's curves; its test curve is left out, since here the test set is opened only at the end.
        published_label: what the paper calls the network of its curves.
    """
    with house_style():
        figure = new_figure(8, 5.4)
        axes = figure.subplots()
        for position, (label, seeds) in enumerate(errors_pct.items()):
            draw_row(axes, label, seeds, *colour_and_line(position))
        draw_published(axes, published, published_label)
        drawn = [*published.train_error_pct, *np.concatenate([seed for seeds in errors_pct.values() for seed in seeds])]
        # A log axis cannot show an error of zero: such a line leaves the picture at its lower edge.
        axes.set_ylim(0.8 * min(value for value in drawn if value > 0), 1.25 * max(drawn))
        plain_percent_axis(axes)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.set_xlabel("pass over the training set")
        axes.set_ylabel("training error, averaged during the pass [%]")
        figure.legend(loc="outside upper left")
        return figure


def draw_row(axes: Axes, label: str, seeds: Sequence[npt.NDArray[np.float64]], colour: str, line: str) -> None:
    """One thin line a seed; the legend names the row once."""
    name = f"{label}, {len(seeds)} seeds" if len(seeds) > 1 else f"{label}, 1 seed"
    for number, errors in enumerate(seeds):
        passes = np.arange(1, len(errors) + 1)
        named = name if number == 0 else None
        axes.plot(passes, errors, color=colour, linestyle=line, linewidth=1.1, alpha=0.85, label=named)


def draw_published(axes: Axes, published: TrainingCurves, label: str) -> None:
    """The paper's training curve, dashed, with its points and its source."""
    how = f"digitised to ±{published.reading_error_pct:g} %" if published.digitised else "printed"
    name = f"{label} in the paper ({published.source}, {how})"
    (line,) = axes.plot(published.passes, published.train_error_pct, color=INK, linestyle="dashed", label=name)
    line.set(linewidth=1.6, marker="o", markersize=3)
