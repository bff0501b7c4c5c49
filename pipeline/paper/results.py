"""Reads back what the stages of the paper's experiment wrote: learning curves, choices, predictions."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import numpy as np
import numpy.typing as npt
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.choices import ChoiceLine, RateLine, Tried, choices_of
from lenet5.errors import UserError
from pipeline.paper.files import CHOICES, CHOSEN, CURVES, PREDICTIONS, RATES
from pipeline.results import (
    Misclassified,
    Predictions,
    read_misclassified,
    read_predictions,
    refuse_columns,
    refuse_other_labels,
)
from pipeline.study_results import read_table

Record = TypeVar("Record")
Floats = npt.NDArray[np.float64]
TRUTH = {"True": True, "False": False}


@dataclass(frozen=True)
class PassLine:
    """A line of curves.csv: one network after one pass. `pass_` is the column `pass`."""

    row: str
    seed: int
    pass_: int
    eta: float
    train_error_pct: float
    train_loss: float
    test_error_pct: float


@dataclass(frozen=True)
class RowResults:
    """All of one row, by seed in order, and the patterns that the first seed got wrong.

    `correct` is [seeds, patterns]; `test_curves` and `train_curves` are errors in percent [seeds, passes] from
    `first_pass` to the last.
    """

    predictions: dict[int, Predictions]
    correct: npt.NDArray[np.bool_]
    misclassified: Misclassified
    first_pass: int
    test_curves: Floats
    train_curves: Floats


def read_rows(rows: Sequence[str], seeds: Sequence[int]) -> dict[str, RowResults]:
    """Read the predictions and curves of every row and seed.

    Raises:
        UserError: a file is damaged, a row or seed has no curve, or test sets differ.
        OSError: a file is missing.
    """
    lines = read_lines(CURVES, PassLine)
    results = {row: read_row(row, seeds, [line for line in lines if line.row == row]) for row in rows}
    refuse_other_labels(PREDICTIONS, {row: found.predictions for row, found in results.items()})
    return results


def read_row(row: str, seeds: Sequence[int], lines: Sequence[PassLine]) -> RowResults:
    """Read one row; `lines` are its lines of the curves."""
    folder = PREDICTIONS / row
    predictions = {seed: read_predictions(folder / f"seed-{seed}.csv") for seed in seeds}
    by_seed = [[line for line in lines if line.seed == seed] for seed in seeds]
    passes = [[line.pass_ for line in each] for each in by_seed]
    first = passes[0][0] if passes[0] else 0
    if first < 1 or any(each != list(range(first, first + len(passes[0]))) for each in passes):
        raise UserError(
            f"{CURVES}: {row} must have the same passes, one after the other, for each seed of {list(seeds)}"
        )
    return RowResults(
        predictions,
        np.stack([found.predicted == found.label for found in predictions.values()]),
        read_misclassified(folder / "errors.safetensors", predictions[seeds[0]]),
        first,
        np.array([[line.test_error_pct for line in each] for each in by_seed]),
        np.array([[line.train_error_pct for line in each] for each in by_seed]),
    )


def read_choices() -> Tried:
    """What was tried for the open points, and what was chosen.

    Raises:
        UserError: a file is not what choose writes.
        OSError: a file is missing.
    """
    lines = read_lines(CHOICES, ChoiceLine)
    try:
        choices = choices_of(lines)
    except ValueError as error:
        raise UserError(f"{CHOICES}: {error}") from error
    try:
        content = YAML(typ="safe").load(CHOSEN.read_text(encoding="utf-8"))
        chosen, conventions = str(content["choice"]), dict(content["conventions"])
    except (YAMLError, UnicodeDecodeError, TypeError, KeyError, ValueError) as error:
        raise UserError(f"{CHOSEN}: is not what choose writes; remove it, and `make paper` makes it anew") from error
    if chosen not in {choice.choice for choice in choices}:
        raise UserError(f"{CHOSEN}: {chosen!r} is not among the choices of {CHOICES}")
    return Tried(choices, chosen, conventions, rates_of(chosen))


def rates_of(chosen: str) -> list[RateLine]:
    """The rates of what was chosen.

    Raises:
        UserError: the file is not what choose writes, or has none of it.
    """
    rates = [line for line in read_lines(RATES, RateLine) if line.choice == chosen]
    if not rates:
        raise UserError(f"{RATES}: there are no rates of {chosen!r}, which was chosen")
    return rates


def read_lines(path: Path, kind: type[Record]) -> list[Record]:
    """Read a CSV whose columns are the fields of the dataclass `kind`.

    Raises:
        UserError: it is not such a table.
        OSError: it is missing.
    """
    hints: dict[str, Any] = get_type_hints(kind)
    readers: list[Callable[[str], Any]] = [TRUTH.__getitem__ if hint is bool else hint for hint in hints.values()]
    columns = [field.name.rstrip("_") for field in fields(kind)]  # type: ignore[arg-type]

    def read(lines: "csv.DictReader[str]") -> list[Record]:
        refuse_columns(path, lines.fieldnames or (), columns)
        return [kind(*(as_type(text) for as_type, text in zip(readers, line.values(), strict=True))) for line in lines]

    try:
        return read_table(path, "numbers", read)
    except KeyError as error:
        raise UserError(f"{path}: {error} is neither True nor False") from error
