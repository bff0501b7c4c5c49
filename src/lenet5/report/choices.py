"""What was tried for each point that the paper leaves open, as points on one axis."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from lenet5.choices import Choice, Tried
from lenet5.report.style import COLOURS, INK, MUTED, house_style, new_figure


def choices(tried: Tried) -> Figure:
    """Draw the validation error of every training, a line for each choice; a dashed line shows the first guess.

    What was chosen is coloured; what the paper states otherwise is hollow.
    """
    lines = tried.choices
    with house_style():
        figure = new_figure(8.8, 1.1 + 0.36 * len(lines))
        axes = figure.subplots()
        for place, choice in enumerate(lines):
            draw_choice(axes, place, choice, choice.choice == tried.chosen)
        guess = next(choice for choice in lines if not choice.question)
        axes.axvline(guess.val_error_pct, color=INK, linestyle="dashed", linewidth=1)
        axes.set_yticks(range(len(lines)), [choice.choice for choice in lines])
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_xlabel("validation error [%]")
        plain_logarithmic(axes)
        return figure


def draw_choice(axes: Axes, place: int, choice: Choice, chosen: bool) -> None:
    """One point a seed."""
    # A logarithmic axis has no place for an error of zero.
    shown = [max(error, 0.01) for error in choice.val_errors_pct]
    (points,) = axes.plot(shown, [place] * len(shown), "o", color=COLOURS[0] if chosen else MUTED, alpha=0.85)
    points.set(markersize=6, fillstyle="none" if choice.stated else "full")


def plain_logarithmic(axes: Axes) -> None:
    """A logarithmic x axis with numbers written plainly."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 1.5, 2.0, 3.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
