"""The history of the hyperparameter study."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lenet5.report.style import COLOURS, INK, MUTED, house_style, new_figure, plain_percent_axis

RUNG_MARKERS = ("v", "^", "s", "P", "X", "*")


@dataclass(frozen=True)
class TrialPoint:
    """A trial as the figure needs it: the last epoch at which it was judged, and the validation error in percent then.

    A trial that failed before it was judged has epoch 0 and an error that is not a number.
    """

    number: int
    state: Literal["COMPLETE", "PRUNED", "FAILED"]
    epoch: int
    val_error_pct: float


def study_history(trials: Sequence[TrialPoint]) -> Figure:
    """Draw each trial's validation error by trial number, the best so far, and how far the stopped ones came."""
    with house_style():
        figure = new_figure(8, 4.8)
        axes = figure.subplots()
        finished = [trial for trial in trials if trial.state == "COMPLETE"]
        draw_points(axes, finished, "o", COLOURS[0], "finished")
        if finished:
            draw_best(axes, finished, last=max(trial.number for trial in trials))
        draw_stopped(axes, [trial for trial in trials if trial.state == "PRUNED"])
        failed = [trial.number for trial in trials if trial.state == "FAILED"]
        if failed:
            foot = [0.03] * len(failed)
            axes.plot(failed, foot, "x", color=MUTED, transform=axes.get_xaxis_transform(), label="failed")
        plain_percent_axis(axes)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.set_xlabel("trial")
        axes.set_ylabel("validation error at the last epoch reached [%]")
        figure.legend(loc="outside upper left", ncols=3)
        return figure


def draw_best(axes: Axes, finished: Sequence[TrialPoint], last: int) -> None:
    """The best error among the trials finished so far, up to trial number `last`."""
    best = np.minimum.accumulate([trial.val_error_pct for trial in finished])
    numbers = [trial.number for trial in finished]
    axes.step([*numbers, last], [*best, best[-1]], where="post", color=INK, linewidth=1.3, label="best so far")


def draw_stopped(axes: Axes, stopped: Sequence[TrialPoint]) -> None:
    """One marker and colour for each epoch at which trials were stopped."""
    for position, epoch in enumerate(sorted({trial.epoch for trial in stopped})):
        marker = RUNG_MARKERS[position % len(RUNG_MARKERS)]
        colour = COLOURS[1:][position % (len(COLOURS) - 1)]
        name = f"stopped after epoch {epoch}"
        draw_points(axes, [trial for trial in stopped if trial.epoch == epoch], marker, colour, name)


def draw_points(axes: Axes, trials: Sequence[TrialPoint], marker: str, colour: str, name: str) -> None:
    numbers = [trial.number for trial in trials]
    values = [trial.val_error_pct for trial in trials]
    if trials:
        axes.plot(numbers, values, marker, color=colour, markersize=6, label=name)
