"""The effective learning rates of the first pass, beside the range that the paper quotes."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from lenet5.choices import RateLine
from lenet5.paper.figures import FirstPassRates
from lenet5.report.style import COLOURS, MUTED, house_style, new_figure

SHADE = 0.12


@dataclass(frozen=True)
class Range:
    """Between which rates the weights of one parameter lie, over all seeds."""

    parameter: str
    lowest: float
    highest: float


def ranges_of(lines: Sequence[RateLine]) -> list[Range]:
    """The ranges by parameter, in the order in which these first come."""
    parameters = dict.fromkeys(line.parameter for line in lines)
    found = {name: [line for line in lines if line.parameter == name] for name in parameters}
    return [
        Range(name, min(each.lowest_rate for each in seeds), max(each.highest_rate for each in seeds))
        for name, seeds in found.items()
    ]


def first_pass_rates(lines: Sequence[RateLine], published: FirstPassRates) -> Figure:
    """Draw a bar for each parameter from its lowest to its highest rate, with the paper's range shaded."""
    ranges = ranges_of(lines)
    with house_style():
        figure = new_figure(8.0, 1.4 + 0.3 * len(ranges))
        axes = figure.subplots()
        label = f"the paper ({published.source})"
        axes.axvspan(published.lowest, published.highest, color=MUTED, alpha=SHADE, linewidth=0, label=label)
        for place, each in enumerate(ranges):
            named = "here, as chosen" if place == 0 else ""
            axes.hlines(place, each.lowest, each.highest, color=COLOURS[0], linewidth=6, label=named)
        axes.set_yticks(range(len(ranges)), [each.parameter for each in ranges])
        axes.set_ylim(len(ranges) - 0.4, -0.6)
        axes.set_xscale("log")
        axes.set_xlabel("effective learning rate in the first pass")
        figure.legend(loc="outside upper left", ncols=2)
        return figure
