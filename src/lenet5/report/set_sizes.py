"""Errors by the size of the training set, beside the points of the paper's Fig. 6."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lenet5.paper.figures import TrainingSet, TrainingSets
from lenet5.report.style import COLOURS, INK, house_style, new_figure, plain_percent_axis

BESIDE = 0.12
"""How far ours stand from the paper's, in places of the axis."""


@dataclass(frozen=True)
class SizeErrors:
    """Errors in percent after training on one set: of each network, and the interval of their expected test error."""

    paper: TrainingSet
    test_pct: Sequence[float]
    train_pct: Sequence[float]
    ci_low_pct: float
    ci_high_pct: float


def errors_by_size(points: Sequence[SizeErrors], published: TrainingSets) -> Figure:
    """Draw ours in colour beside the paper's in black: test errors round and with their interval, training square."""
    with house_style():
        figure = new_figure(8.4, 5.0)
        axes = figure.subplots()
        draw_papers(axes, [point.paper for point in points], published.source)
        draw_ours(axes, points)
        axes.set_xticks(range(len(points)), [point.paper.label for point in points])
        axes.set_xlim(-0.5, len(points) - 0.5)
        axes.set_xlabel("patterns in the training set")
        axes.set_ylabel("error [%]")
        plain_percent_axis(axes)
        figure.legend(loc="outside upper left", ncols=2)
        return figure


def draw_papers(axes: Axes, sets: Sequence[TrainingSet], source: str) -> None:
    """The paper's points; lines join those without distortions, as in the figure."""
    places = range(len(sets))
    plain = [place for place in places if not sets[place].distortions]
    test = [sets[place].test_error_pct for place in places]
    with_train = [(place, each.train_error_pct) for place, each in zip(places, sets, strict=True)]
    known = [(place, error) for place, error in with_train if error is not None]
    axes.plot(plain, [test[place] for place in plain], color=INK, linestyle="dashed", linewidth=1.2)
    axes.plot(places, test, "o", color=INK, markersize=7, label=f"test, the paper ({source})")
    if known:
        axes.plot(*zip(*known, strict=True), color=INK, linestyle="dotted", linewidth=1.2)
        axes.plot(
            *zip(*known, strict=True), "s", color=INK, fillstyle="none", markersize=7, label="training, the paper"
        )


def draw_ours(axes: Axes, points: Sequence[SizeErrors]) -> None:
    """Every network, and the interval of the test error to be expected."""
    test, train = COLOURS[0], COLOURS[1]
    for place, point in enumerate(points):
        named = place == 0
        beside = place + BESIDE
        label = "interval of the expected test error" if named else ""
        axes.vlines(beside, point.ci_low_pct, point.ci_high_pct, color=test, linewidth=5, alpha=0.25, label=label)
        across = [beside] * len(point.test_pct)
        axes.plot(across, point.test_pct, "o", color=test, markersize=5, label="test, here" if named else None)
        across = [beside] * len(point.train_pct)
        axes.plot(across, point.train_pct, "s", color=train, markersize=5, label="training, here" if named else None)
