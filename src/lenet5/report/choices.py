"""What was tried for each point that the paper leaves open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from lenet5.report.style import COLOURS, MUTED, house_style, new_figure


@dataclass(frozen=True)
class ChoiceLine:
    """A line of choices.csv: a training that tried one answer to a question; errors in percent."""

    question: str
    choice: str
    seed: int
    passes: int
    patterns: int
    val_error_pct: float
    train_error_pct: float
    lowest_rate: float
    highest_rate: float
    """Between which effective learning rates its first pass went."""


Answers = Mapping[str, Sequence[ChoiceLine]]
"""The trainings by what was chosen."""


def by_question(lines: Sequence[ChoiceLine]) -> dict[str, dict[str, list[ChoiceLine]]]:
    """The lines by question and choice, in the order in which these first come."""
    questions: dict[str, dict[str, list[ChoiceLine]]] = {}
    for line in lines:
        questions.setdefault(line.question, {}).setdefault(line.choice, []).append(line)
    return questions


def mean_error(lines: Sequence[ChoiceLine]) -> float:
    """The mean validation error in percent."""
    return sum(line.val_error_pct for line in lines) / len(lines)


def choices(questions: Mapping[str, Answers]) -> Figure:
    """Draw the validation errors of every choice as points, question below question on one logarithmic axis."""
    with house_style():
        lines = [len(answers) for answers in questions.values()]
        figure = new_figure(8.4, 1.0 + 0.36 * sum(lines) + 0.42 * len(lines))
        panels = figure.subplots(len(lines), 1, sharex=True, squeeze=False, height_ratios=[n + 0.6 for n in lines])
        for axes, (question, answers) in zip(panels[:, 0], questions.items(), strict=True):
            draw_question(axes, question, answers)
        last = panels[-1, 0]
        last.set_xscale("log")
        last.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 3.0, 5.0)))
        last.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        last.xaxis.set_minor_formatter(NullFormatter())
        last.set_xlabel("validation error [%]")
        return figure


def draw_question(axes: Axes, question: str, answers: Answers) -> None:
    """One line a choice; the one with the smallest mean is coloured."""
    best = min(answers, key=lambda choice: mean_error(answers[choice]))
    for place, (choice, lines) in enumerate(answers.items()):
        colour = COLOURS[0] if choice == best else MUTED
        # A logarithmic axis has no place for an error of zero.
        shown = [max(line.val_error_pct, 0.01) for line in lines]
        axes.plot(shown, [place] * len(shown), "o", color=colour, markersize=6, alpha=0.85)
    axes.set_yticks(range(len(answers)), list(answers))
    axes.set_ylim(len(answers) - 0.4, -0.6)
    axes.set_title(question, fontweight="normal", fontsize=11)
