"""The bars of the paper's Figs. 10 to 12, with ours among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from lenet5.report.style import COLOURS, INK, house_style, new_figure

PAPER = "#b9b9b9"


@dataclass(frozen=True)
class Bars:
    """One figure of the paper: its bars from top to bottom, then ours, whose single values stand as points on them."""

    title: str
    unit: str
    paper: Mapping[str, float]
    ours: Mapping[str, Sequence[float]]
    written: Callable[[float], str]
    logarithmic: bool = False


def bars(panels: Sequence[Bars]) -> Figure:
    """Draw the panels side by side; ours are coloured, with their mean as the bar."""
    with house_style():
        most = max(len(panel.paper) + len(panel.ours) for panel in panels)
        figure = new_figure(0.6 + 5.4 * len(panels), 1.1 + 0.29 * most)
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            draw_panel(axes, panel)
        return figure


def draw_panel(axes: Axes, panel: Bars) -> None:
    """One figure's bars, with their numbers at their ends as the paper has them."""
    means = {name: sum(values) / len(values) for name, values in panel.ours.items()}
    lengths = {**panel.paper, **means}
    colours = [PAPER] * len(panel.paper) + [COLOURS[0]] * len(means)
    axes.barh(range(len(lengths)), list(lengths.values()), color=colours, height=0.72)
    for place, (name, length) in enumerate(lengths.items()):
        points = panel.ours.get(name, [])
        if len(points) > 1:
            axes.plot(points, [place] * len(points), "|", color=INK, markersize=8, markeredgewidth=1.2)
        end = max([length, *points])
        weight = "bold" if name in means else "normal"
        axes.annotate(
            panel.written(length), (end, place), (4, 0), textcoords="offset points", va="center", fontweight=weight
        )
    axes.set_yticks(range(len(lengths)), list(lengths))
    axes.set_ylim(len(lengths) - 0.4, -0.6)
    axes.set_title(panel.title, fontweight="normal")
    axes.set_xlabel(panel.unit)
    axes.grid(False, axis="y")
    stretch(axes, panel.logarithmic)


def stretch(axes: Axes, logarithmic: bool) -> None:
    """Leave room for the numbers; on a logarithmic axis they are written as plain numbers."""
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(0.5, axes.get_xlim()[1] * 6)
        axes.xaxis.set_major_locator(LogLocator(base=100))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_xlim(0, axes.get_xlim()[1] * 1.12)
