"""Reads back what the search wrote: the trials, the Pareto front, the importances."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args

from lenet5.errors import UserError
from lenet5.hyperparameters import Hyperparameters
from pipeline.results import refuse_columns

TrialState = Literal["COMPLETE", "PRUNED", "FAILED"]
TRIAL_COLUMNS = ("trial", "round", "state", *Hyperparameters.model_fields, "multiply_adds", "epochs", "val_error_pct")
RUNG_PREFIX = "val_error_pct_epoch_"
Read = TypeVar("Read")


@dataclass(frozen=True)
class Trial:
    """One trial of the study; `rungs` has the validation error in percent after each epoch at which it was judged.

    `reason` says why it failed, if it did.
    """

    number: int
    round: int
    state: TrialState
    hyperparameters: dict[str, float]
    multiply_adds: int
    epochs: int | None
    val_error_pct: float | None
    rungs: dict[int, float]
    reason: str


def read_trials(path: Path) -> list[Trial]:
    """Read the trials of the study, in their order.

    Raises:
        UserError: the file is missing or damaged.
    """

    def read(lines: "csv.DictReader[str]") -> list[Trial]:
        columns = tuple(lines.fieldnames or ())
        rungs = {name: int(name.removeprefix(RUNG_PREFIX)) for name in columns if name.startswith(RUNG_PREFIX)}
        refuse_columns(path, columns, (*TRIAL_COLUMNS, *rungs, "reason"))
        return [parse_trial(line, rungs) for line in lines]

    return read_table(path, "trials", read)


def parse_trial(line: dict[str, str], rungs: dict[str, int]) -> Trial:
    """One line of trials.csv; `rungs` maps each rung's column to its epoch. An empty field was not reached."""
    state = line["state"]
    if state not in get_args(TrialState):
        raise ValueError(f"state {state!r} is none of {', '.join(get_args(TrialState))}")
    return Trial(
        number=int(line["trial"]),
        round=int(line["round"]),
        state=cast(TrialState, state),
        hyperparameters={name: float(line[name]) for name in Hyperparameters.model_fields},
        multiply_adds=int(line["multiply_adds"]),
        epochs=int(line["epochs"]) if line["epochs"] else None,
        val_error_pct=float(line["val_error_pct"]) if line["val_error_pct"] else None,
        rungs={epoch: float(line[name]) for name, epoch in rungs.items() if line[name]},
        reason=line["reason"],
    )


def read_front(path: Path) -> dict[int, tuple[int, float]] | None:
    """The trials of the Pareto front by their number: multiply-adds, and validation error in percent.

    None if the study had one objective.

    Raises:
        UserError: the file is missing or damaged.
    """

    def read(lines: "csv.DictReader[str]") -> dict[int, tuple[int, float]] | None:
        columns = tuple(lines.fieldnames or ())
        objectives = ("val_error_pct", "multiply_adds") if "multiply_adds" in columns else ("val_error_pct",)
        refuse_columns(path, columns, ("trial", *objectives, *Hyperparameters.model_fields))
        front = {int(each["trial"]): each for each in lines}
        if len(objectives) == 1:
            return None
        return {number: (int(each["multiply_adds"]), float(each["val_error_pct"])) for number, each in front.items()}

    return read_table(path, "a Pareto front", read)


def read_importances(path: Path) -> dict[str, float]:
    """The share of each dimension of the space, the largest first.

    Raises:
        UserError: the file is missing or damaged.
    """

    def read(lines: "csv.DictReader[str]") -> dict[str, float]:
        refuse_columns(path, lines.fieldnames or (), ("hyperparameter", "importance"))
        return {each["hyperparameter"]: float(each["importance"]) for each in lines}

    return read_table(path, "importances", read)


def read_table(path: Path, what: str, read: "Callable[[csv.DictReader[str]], Read]") -> Read:
    """What `read` makes of the lines of a CSV.

    Raises:
        UserError: the file is missing, or not a table of `what`.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return read(csv.DictReader(file, strict=True))
    except (ValueError, TypeError, csv.Error) as error:
        raise UserError(f"{path}: not a table of {what}: {error}") from error
