"""A study whose validation errors are made up, so that it takes no training."""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from lenet5.hyperparameters import Hyperparameters
from lenet5.params import CategoricalDimension, FloatDimension, Search
from lenet5.study import Evaluate, Trial, run_study

OPTIONS = Search(
    row="lenet5",
    seed=1998,
    trials=8,
    round_size=4,
    rungs=(1, 2, 4),
    keep=0.5,
    startup_trials=4,
    space={
        "learning_rate": FloatDimension(type="float", low=0.01, high=0.2, log=True),
        "momentum": FloatDimension(type="float", low=0.8, high=0.97),
        "weight_decay": FloatDimension(type="float", low=1e-6, high=1e-3, log=True),
        "batch_size": CategoricalDimension(type="categorical", choices=(32, 64, 128)),
        "j": FloatDimension(type="float", low=0.5, high=20.0, log=True),
        "energy_scale": FloatDimension(type="float", low=0.05, high=0.05),
    },
)

SMALL = OPTIONS.model_copy(update={"trials": 4, "round_size": 2, "rungs": (1, 2), "startup_trials": 2})


@contextmanager
def not_waiting_for_the_disk() -> Iterator[None]:
    """A power failure is not what these tests try."""

    def relax(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", relax)
    try:
        yield
    finally:
        event.remove(Engine, "connect", relax)


def error_of(chosen: Hyperparameters, epochs: int) -> float:
    """A made-up validation error, best in the middle of the space; coarse, so that there are ties."""
    distance = abs(math.log(chosen.learning_rate / 0.05)) + abs(chosen.momentum - 0.9) * 5
    return round(1 + distance * chosen.batch_size / 64 + 2 / epochs, 1)


def evaluate(configurations: Sequence[Hyperparameters], epochs: int) -> list[float]:
    return [error_of(each, epochs) for each in configurations]


def trials_of(
    folder: Path, options: Search = OPTIONS, evaluate: Evaluate = evaluate, name: str = "study"
) -> list[Trial]:
    """The trials of the study in `folder`."""
    with not_waiting_for_the_disk():
        return run_study(options, name, f"sqlite:///{folder}/studies/study.db", evaluate, lambda _: None)


class Counting:
    """Evaluates, and remembers what it was asked; from call `stop_at` on it is interrupted instead."""

    def __init__(self, stop_at: float = math.inf) -> None:
        self.calls: list[tuple[Sequence[Hyperparameters], int]] = []
        self.stop_at = stop_at

    def __call__(self, configurations: Sequence[Hyperparameters], epochs: int) -> list[float]:
        if len(self.calls) == self.stop_at:
            raise KeyboardInterrupt
        self.calls.append((configurations, epochs))
        return evaluate(configurations, epochs)
