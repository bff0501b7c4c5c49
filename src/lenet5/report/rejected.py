"""What is left to get wrong when the least sure patterns are rejected."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lenet5.rejection import RejectionCurve
from lenet5.report.bars import Bars, draw_panel
from lenet5.report.style import INK, colour_and_line, house_style, new_figure

MOST_REJECTED_PCT = 5.0


def rejections(panel: Bars, curves: Mapping[str, Sequence[RejectionCurve]], remaining_error_pct: float) -> Figure:
    """Draw the bars of Fig. 10 with ours, and beside them our curves with the error at which the bars are taken."""
    with house_style():
        figure = new_figure(11.2, 4.6)
        left, right = figure.subplots(1, 2)
        draw_panel(left, panel)
        draw_curves(right, curves, remaining_error_pct)
        return figure


def draw_curves(axes: Axes, curves: Mapping[str, Sequence[RejectionCurve]], remaining_error_pct: float) -> None:
    """One colour a row, one thin line a seed."""
    for position, (label, networks) in enumerate(curves.items()):
        colour, line = colour_and_line(position)
        for number, curve in enumerate(networks):
            shown = curve.rejected_pct <= MOST_REJECTED_PCT
            named = label if number == 0 else None
            errors = curve.remaining_error_pct[shown]
            axes.plot(curve.rejected_pct[shown], errors, color=colour, linestyle=line, linewidth=1.2, label=named)
    axes.axhline(remaining_error_pct, color=INK, linestyle="dashed", linewidth=1)
    axes.set_xlim(0, MOST_REJECTED_PCT)
    axes.set_ylim(0, float(np.ceil(axes.get_ylim()[1] * 5) / 5))
    axes.set_title("here, by share rejected", fontweight="normal")
    axes.set_xlabel("test patterns rejected [%]")
    axes.set_ylabel("error on the rest [%]")
    axes.legend()
