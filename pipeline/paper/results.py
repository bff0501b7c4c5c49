"""Reads back what the stages of the paper's experiment wrote: learning curves, choices, predictions."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import numpy as np
import numpy.typing as npt

from lenet5.errors import UserError
from pipeline.paper.files import PREDICTIONS
from pipeline.results import Misclassified, Predictions, read_misclassified, read_predictions, refuse_columns
from pipeline.study_results import read_table

Record = TypeVar("Record")
Floats = npt.NDArray[np.float64]


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

    `correct` is [seeds, patterns]; `test_curves` and `train_curves` are errors in percent [seeds, passes].
    """

    predictions: dict[int, Predictions]
    correct: npt.NDArray[np.bool_]
    misclassified: Misclassified
    test_curves: Floats
    train_curves: Floats


def read_rows(rows: Sequence[str], seeds: Sequence[int], curves: Path) -> dict[str, RowResults]:
    """Read the predictions and curves of every row and seed.

    Raises:
        UserError: a file is damaged, a row or seed is missing in `curves`, or test sets differ.
        OSError: a file is missing.
    """
    lines = read_lines(curves, PassLine)
    results = {row: read_row(row, seeds, [line for line in lines if line.row == row], curves) for row in rows}
    labels = next(iter(results[rows[0]].predictions.values())).label
    for row, found in results.items():
        for seed, predictions in found.predictions.items():
            if not np.array_equal(predictions.label, labels):
                path = PREDICTIONS / row / f"seed-{seed}.csv"
                raise UserError(f"{path}: its labels are not those of the other predictions")
    return results


def read_row(row: str, seeds: Sequence[int], lines: Sequence[PassLine], curves: Path) -> RowResults:
    """Read one row; `lines` are those of the row in the file `curves`."""
    folder = PREDICTIONS / row
    predictions = {seed: read_predictions(folder / f"seed-{seed}.csv") for seed in seeds}
    by_seed = [[line for line in lines if line.seed == seed] for seed in seeds]
    passes = [line.pass_ for line in by_seed[0]]
    if not passes or any([line.pass_ for line in each] != list(range(1, len(passes) + 1)) for each in by_seed):
        raise UserError(f"{curves}: the passes of {row} must count 1, 2, 3, ... for each of the seeds {list(seeds)}")
    return RowResults(
        predictions,
        np.stack([found.predicted == found.label for found in predictions.values()]),
        read_misclassified(folder / "errors.safetensors", predictions[seeds[0]]),
        np.array([[line.test_error_pct for line in each] for each in by_seed]),
        np.array([[line.train_error_pct for line in each] for each in by_seed]),
    )


def read_lines(path: Path, kind: type[Record]) -> list[Record]:
    """Read a CSV whose columns are the fields of the dataclass `kind`.

    Raises:
        UserError: it is not such a table.
        OSError: it is missing.
    """
    types: dict[str, Any] = get_type_hints(kind)
    columns = [field.name.rstrip("_") for field in fields(kind)]  # type: ignore[arg-type]

    def read(lines: "csv.DictReader[str]") -> list[Record]:
        refuse_columns(path, lines.fieldnames or (), columns)
        return [
            kind(**{name: as_type(text) for (name, as_type), text in zip(types.items(), line.values(), strict=True)})
            for line in lines
        ]

    return read_table(path, "numbers", read)
