"""What was tried for each point that the paper leaves open, as points on one axis."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lenet5.choices import Choice, Tried
from lenet5.report.style import COLOURS, INK, MUTED, house_style, new_figure

FAR = 2.5
"""Times the smallest error: there the axis ends."""


def choices(tried: Tried) -> Figure:
    """Draw the validation error of every training, a line for each choice; a dashed line shows the first guess.

    What was chosen is coloured; what the paper states otherwise is hollow. What went far wrong is told in words.
    """
    lines = tried.choices
    guess = next(choice for choice in lines if not choice.question)
    end = FAR * min(choice.val_error_pct for choice in lines)
    with house_style():
        figure = new_figure(8.8, 1.1 + 0.36 * len(lines))
        axes = figure.subplots()
        for place, choice in enumerate(lines):
            draw_choice(axes, place, choice, choice.choice == tried.chosen, end)
        axes.axvline(guess.val_error_pct, color=INK, linestyle="dashed", linewidth=1)
        axes.set_yticks(range(len(lines)), [choice.choice for choice in lines])
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_xlim(right=end)
        axes.set_xlabel("validation error [%]")
        return figure


def draw_choice(axes: Axes, place: int, choice: Choice, chosen: bool, end: float) -> None:
    """One point a seed; those beyond the `end` of the axis are told."""
    shown = [error for error in choice.val_errors_pct if error < end]
    beyond = [error for error in choice.val_errors_pct if error >= end]
    (points,) = axes.plot(shown, [place] * len(shown), "o", color=COLOURS[0] if chosen else MUTED, alpha=0.85)
    points.set(markersize=6, fillstyle="none" if choice.stated else "full")
    if beyond:
        numbers = ", ".join(f"{error:.1f}" for error in beyond)
        axes.annotate(f"{numbers} \u2192", (end, place), (-6, 0), textcoords="offset points", ha="right", va="center")
