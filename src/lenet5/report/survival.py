"""Which trials of a study went how far: the validation errors at its rungs."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from lenet5.report.style import COLOURS, INK, MUTED, house_style, new_figure, plain_percent_axis


def rung_survival(rungs: Sequence[Mapping[int, float]], epochs: Sequence[int]) -> Figure:
    """Draw each trial's validation error in percent from rung to rung, and how many trials reached each.

    `rungs` has a mapping from epoch to error for each trial, `epochs` all rungs of the study.
    """
    with house_style():
        figure = new_figure(8, 4.8)
        axes = figure.subplots()
        draw_courses(axes, rungs, last=max(epochs))
        plain_percent_axis(axes)
        axes.set_xscale("log", base=2)
        axes.set_xlim(min(epochs) * 0.9, max(epochs) * 1.1)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator(list(epochs)))
        reached = [sum(epoch in trial for trial in rungs) for epoch in epochs]
        axes.set_xticklabels([f"{epoch}\n{count} trials" for epoch, count in zip(epochs, reached, strict=True)])
        axes.set_xlabel("epoch at which trials were judged, and how many got there")
        axes.set_ylabel("validation error [%]")
        if axes.get_legend_handles_labels()[0]:
            figure.legend(loc="outside upper left", ncols=3)
        return figure


def draw_courses(axes: Axes, rungs: Sequence[Mapping[int, float]], last: int) -> None:
    """A line for each trial: the best, the others that came to the end, and those that were stopped."""
    finished = [trial for trial in rungs if last in trial]
    best = min(finished, key=lambda trial: trial[last], default=None)
    named: set[str] = set()
    for trial in sorted(rungs, key=lambda trial: len(trial)):
        name, colour, width = "stopped", MUTED, 0.8
        if trial in finished:
            name, colour, width = "came to the end", COLOURS[0], 1.3
        if trial is best:
            name, colour, width = "best", INK, 2.2
        label = name if trial and name not in named else "_"
        named.add(name if trial else "")
        axes.plot(list(trial), list(trial.values()), "o-", color=colour, linewidth=width, markersize=4, label=label)
