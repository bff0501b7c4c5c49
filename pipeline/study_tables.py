"""What the search writes of a study, as tables."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from lenet5.hyperparameters import Hyperparameters
from lenet5.study.outcome import Trial


def trials_csv(trials: Sequence[Trial], rungs: Sequence[int]) -> str:
    """One line per trial, in the order they were asked; rungs that a trial did not reach are empty."""
    by_rung = [f"val_error_pct_epoch_{rung}" for rung in rungs]
    reached = ("multiply_adds", "epochs", "val_error_pct", *by_rung, "reason")
    lines = [("trial", "round", "state", *Hyperparameters.model_fields, *reached)]
    return table([*lines, *(trial_line(trial, rungs) for trial in trials)])


def trial_line(trial: Trial, rungs: Sequence[int]) -> tuple[object, ...]:
    chosen = trial.hyperparameters.model_dump().values()
    last = (trial.epochs, trial.final_error_pct) if trial.val_error_pct else ("", "")
    by_rung = [trial.val_error_pct.get(rung, "") for rung in rungs]
    reason = " ".join(trial.reason.split())
    return (trial.number, trial.round, trial.state, *chosen, trial.multiply_adds, *last, *by_rung, reason)


def front_csv(front: Sequence[Trial], objectives: Sequence[str]) -> str:
    """The Pareto front by rising error; with one objective, the best trial alone."""
    lines: list[tuple[object, ...]] = [("trial", *objectives, *Hyperparameters.model_fields)]
    for trial in front:
        values = (trial.final_error_pct, trial.multiply_adds)[: len(objectives)]
        lines.append((trial.number, *values, *trial.hyperparameters.model_dump().values()))
    return table(lines)


def importances_csv(shares: Mapping[str, float]) -> str:
    """The share of each dimension of the space, the largest first."""
    return table([("hyperparameter", "importance"), *shares.items()])


def table(lines: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
