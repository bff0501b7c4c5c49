"""What came of a study: its trials, the best one, and the Pareto front."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lenet5.errors import UserError
from lenet5.hyperparameters import Hyperparameters

State = Literal["RUNNING", "COMPLETE", "PRUNED", "FAILED"]


@dataclass
class Trial:
    """One configuration and what became of it."""

    number: int
    round: int
    drawn: dict[str, Any]
    """The dimensions that were searched in this trial."""
    hyperparameters: Hyperparameters
    """All that it trained with."""
    multiply_adds: int
    state: State = "RUNNING"
    val_error_pct: dict[int, float] = field(default_factory=dict)
    """By rung (epochs trained), as far as the trial went."""
    reason: str = ""
    """Why it failed, if it did."""

    @property
    def epochs(self) -> int:
        """The last rung that it reached; 0 if it failed before the first."""
        return max(self.val_error_pct, default=0)

    @property
    def final_error_pct(self) -> float:
        """At the last rung it reached, which must be one."""
        return self.val_error_pct[self.epochs]


def best_trial(trials: Sequence[Trial]) -> Trial:
    """The complete trial with the smallest error; in a tie the one with fewer multiply-adds, then the earlier one.

    Raises:
        UserError: no trial is complete.
    """
    complete = sorted((each for each in trials if each.state == "COMPLETE"), key=in_order)
    if not complete:
        failed = [each for each in trials if each.state == "FAILED"]
        raise UserError(
            f"no trial of the study came to its end; {len(failed)} of {len(trials)} failed, "
            f"the first (trial {failed[0].number}): {failed[0].reason}"
        )
    return complete[0]


def pareto_front(trials: Sequence[Trial], objectives: Sequence[str]) -> list[Trial]:
    """The complete trials that none beats in all objectives, by rising error; of equal ones, the earlier.

    With one objective that is the best trial alone.
    """
    front: list[Trial] = []
    for trial in sorted((each for each in trials if each.state == "COMPLETE"), key=in_order):
        if not front or (len(objectives) > 1 and trial.multiply_adds < front[-1].multiply_adds):
            front.append(trial)
    return front


def in_order(trial: Trial) -> tuple[float, int, int]:
    return trial.final_error_pct, trial.multiply_adds, trial.number
