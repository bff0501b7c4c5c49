"""What was tried for each point that the paper leaves open, one change of the first guess at a time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ChoiceLine:
    """A line of choices.csv: one training of the first guess (no question), or with one answer changed.

    Errors are in percent; the rates are the lowest and the highest of a weight in the first pass. What the paper states
    otherwise (`stated`) is tried to see what it matters, and not to be chosen.
    """

    question: str
    choice: str
    stated: bool
    seed: int
    passes: int
    val_error_pct: float
    train_error_pct: float
    lowest_rate: float
    highest_rate: float


@dataclass(frozen=True)
class RateLine:
    """A line of rates.csv: between which rates the weights of one parameter lay in the first pass of one training."""

    choice: str
    seed: int
    parameter: str
    lowest_rate: float
    highest_rate: float


@dataclass(frozen=True)
class Choice:
    """All trainings of one choice: errors in percent by seed, and between which rates their first passes went.

    `change_pct` is the mean difference of its validation errors from those of the first guess with the same seeds, and
    its standard error; None for the first guess itself.
    """

    question: str
    choice: str
    stated: bool
    val_errors_pct: Sequence[float]
    train_errors_pct: Sequence[float]
    lowest_rate: float
    highest_rate: float
    change_pct: tuple[float, float] | None

    @property
    def val_error_pct(self) -> float:
        """The mean over the seeds."""
        return float(np.mean(self.val_errors_pct))


@dataclass(frozen=True)
class Tried:
    """All that was tried, the name of the choice that was taken, all conventions as they were then, and the rates."""

    choices: Sequence[Choice]
    chosen: str
    conventions: Mapping[str, object]
    rates: Sequence[RateLine]
    """Of what was chosen."""


def choices_of(lines: Sequence[ChoiceLine]) -> list[Choice]:
    """The lines by choice, in the order in which these first come, each beside the first guess.

    Raises:
        ValueError: there is no first guess, or a choice was tried with other seeds than it.
    """
    by_choice: dict[tuple[str, str], list[ChoiceLine]] = {}
    for line in lines:
        by_choice.setdefault((line.question, line.choice), []).append(line)
    guesses = [tried for (question, _), tried in by_choice.items() if not question]
    if len(guesses) != 1:
        raise ValueError("one choice must be without a question: the first guess")
    return [choice_of(tried, guesses[0]) for tried in by_choice.values()]


def choice_of(tried: Sequence[ChoiceLine], guess: Sequence[ChoiceLine]) -> Choice:
    first = tried[0]
    return Choice(
        first.question,
        first.choice,
        first.stated,
        [line.val_error_pct for line in tried],
        [line.train_error_pct for line in tried],
        min(line.lowest_rate for line in tried),
        max(line.highest_rate for line in tried),
        change(tried, guess) if first.question else None,
    )


def change(tried: Sequence[ChoiceLine], guess: Sequence[ChoiceLine]) -> tuple[float, float]:
    """Mean difference of the validation errors, seed by seed, and its standard error (NaN with one seed)."""
    if [line.seed for line in tried] != [line.seed for line in guess]:
        raise ValueError(f"{tried[0].choice!r} was not tried with the seeds of the first guess")
    pairs = zip(tried, guess, strict=True)
    differences = np.array([one.val_error_pct - other.val_error_pct for one, other in pairs])
    error = float(differences.std(ddof=1)) / math.sqrt(len(differences)) if len(differences) > 1 else math.nan
    return float(differences.mean()), error
