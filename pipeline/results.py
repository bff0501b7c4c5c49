"""Reads back what the stages wrote: predictions, misclassified patterns, training histories.

Every reader refuses a damaged file with a UserError of one line that names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load

from lenet5.errors import UserError
from lenet5.params import Train

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PREDICTION_COLUMNS = ("index", "label", "predicted", *(f"score_{digit}" for digit in range(10)))
HISTORY_COLUMNS = ("epoch", "learning_rate", "train_loss", "train_error_pct")


@dataclass(frozen=True)
class Predictions:
    """One network on the test set, in its order: `label` and `predicted` [n], `scores` [n, 10], larger is better."""

    label: Integers
    predicted: Integers
    scores: Floats


@dataclass(frozen=True)
class History:
    """One training, epoch by epoch [epochs]: learning rate, mean loss and error in percent while training."""

    epoch: Integers
    learning_rate: Floats
    train_loss: Floats
    train_error_pct: Floats


@dataclass(frozen=True)
class Misclassified:
    """Test patterns that one network got wrong: `images` [m, 32, 32], and [m] each of the rest."""

    images: npt.NDArray[np.float32]
    index: Integers
    label: Integers
    predicted: Integers


@dataclass(frozen=True)
class RowResults:
    """All that the stages before left of one row: by seed, and the patterns that the first seed got wrong."""

    predictions: dict[int, Predictions]
    histories: dict[int, History]
    misclassified: Misclassified


def seed_files(folder: Path, train: Train) -> dict[str, dict[int, Path]]:
    """`<folder>/<row>/seed-<n>.csv` of every row and seed that `train` lists, in its order.

    Raises:
        UserError: one of them is missing, or there is one that `train` does not list (it would be of another setting).
    """
    files = {row: {seed: folder / row / f"seed-{seed}.csv" for seed in train.seeds} for row in train.rows}
    wanted = {path for by_seed in files.values() for path in by_seed.values()}
    found = set(folder.glob("*/seed-*.csv"))
    for path in sorted(found - wanted):
        raise UserError(f"{path}: params.yaml lists no such row and seed (train.rows, train.seeds); remove the file")
    for path in sorted(wanted - found):
        raise UserError(f"{path}: is missing, though params.yaml lists its row and seed (train.rows, train.seeds)")
    return files


def read_predictions(path: Path) -> Predictions:
    """Read the predictions of one network.

    Raises:
        UserError: the file is missing or damaged, a score is not finite, or a prediction is not the best score.
    """
    table = read_numbers(path, PREDICTION_COLUMNS)
    index, label, predicted, scores = table[:, 0], table[:, 1], table[:, 2], table[:, 3:]
    refuse_line(path, index != np.arange(len(table)), "index must count 0, 1, 2, ...")
    for name, digit in (("label", label), ("predicted", predicted)):
        refuse_line(path, ~np.isin(digit, np.arange(10)), f"{name} must be a digit from 0 to 9")
    predicted_digit = predicted.astype(np.int64)
    best = scores[np.arange(len(scores)), predicted_digit] == scores.max(axis=1)
    refuse_line(path, ~best, "predicted must be the digit with the largest score")
    return Predictions(label=label.astype(np.int64), predicted=predicted_digit, scores=scores)


def read_history(path: Path) -> History:
    """Read the history of one training.

    Raises:
        UserError: the file is missing or damaged, or a number is not finite.
    """
    table = read_numbers(path, HISTORY_COLUMNS)
    refuse_line(path, table[:, 0] != np.arange(1, len(table) + 1), "epoch must count 1, 2, 3, ...")
    epoch, learning_rate, train_loss, train_error_pct = table.T
    return History(epoch.astype(np.int64), learning_rate, train_loss, train_error_pct)


def read_misclassified(path: Path, predictions: Predictions) -> Misclassified:
    """Read the images of the patterns that the network of `predictions` got wrong.

    Raises:
        UserError: the file is missing or damaged, or its patterns are not those that `predictions` got wrong.
    """
    try:
        # As bytes: safetensors' own message about a missing file does not carry its name as OSError does.
        patterns = Misclassified(**load(path.read_bytes()))
    except (SafetensorError, TypeError) as error:
        raise UserError(f"{path}: not a file of misclassified patterns: {error}") from error
    wrong = np.flatnonzero(predictions.predicted != predictions.label)
    expected = (wrong, predictions.label[wrong], predictions.predicted[wrong])
    found = (patterns.index, patterns.label, patterns.predicted)
    same = all(np.array_equal(one, other) for one, other in zip(expected, found, strict=True))
    if not same or patterns.images.shape != (len(wrong), 32, 32):
        raise UserError(f"{path}: does not hold the {len(wrong)} patterns that the predictions beside it got wrong")
    return patterns


def refuse_other_labels(folder: Path, predictions: Mapping[str, Mapping[int, Predictions]]) -> None:
    """All networks, by row and seed below `folder`, must have met the same patterns: they are compared one by one.

    Raises:
        UserError: one has not; the line names its file.
    """
    by_name = {(row, seed): found.label for row, seeds in predictions.items() for seed, found in seeds.items()}
    labels = next(iter(by_name.values()))
    for (row, seed), other in by_name.items():
        if not np.array_equal(labels, other):
            path = folder / row / f"seed-{seed}.csv"
            raise UserError(f"{path}: its labels are not those of the other predictions; all must be of one test set")


def read_numbers(path: Path, columns: Sequence[str]) -> Floats:
    """Read a CSV of finite numbers with a header line and one or more lines below it, as float64 [lines, columns].

    Raises:
        UserError: the file is anything else; the line says what, and where.
    """
    try:
        with path.open(encoding="utf-8") as file:
            refuse_columns(path, file.readline().rstrip("\n").split(","), columns)
            lines = file.readlines()
        table = np.loadtxt(lines, delimiter=",", comments=None, ndmin=2) if lines else np.empty((0, len(columns)))
    except ValueError as error:
        raise UserError(f"{path}: not a table of numbers: {error}") from error
    if len(table) == 0 or table.shape[1] != len(columns):
        raise UserError(f"{path}: {len(columns)} numbers on each of one or more lines are needed below the header")
    # A sum is finite only if each of its numbers is.
    refuse_line(path, ~np.isfinite(table.sum(axis=1)), "every number must be finite")
    return table


def refuse_columns(path: Path, found: Sequence[str], wanted: Sequence[str]) -> None:
    if tuple(found) != tuple(wanted):
        raise UserError(f"{path}: the columns must be {','.join(wanted)} (found {','.join(found)!r})")


def refuse_line(path: Path, wrong: npt.NDArray[np.bool_], demand: str) -> None:
    """Raise a UserError that names the first line of the file for which `wrong` [lines] holds, if there is one."""
    if wrong.any():
        # The header is line 1.
        raise UserError(f"{path}: line {int(wrong.argmax()) + 2}: {demand}")
