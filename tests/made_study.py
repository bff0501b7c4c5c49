"""A study whose validation errors are made up, so that it takes no training."""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from lenet5.dimensions import CategoricalDimension, FloatDimension
from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Search
from lenet5.study.outcome import Trial
from lenet5.study.rounds import Evaluate, Failure, run_study

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


def changed(options: Search, **changes: Any) -> Search:
    """The options with `changes`, checked."""
    return Search.model_validate(options.model_dump() | changes)


# Momentum is searched with large batches alone, and C1 with a high momentum alone.
CONDITIONAL = changed(
    OPTIONS,
    space={
        "c1_maps": {"type": "int", "low": 2, "high": 8, "step": 2, "when": {"momentum": (0.9, 0.8)}, "default": 6},
        "learning_rate": {"type": "float", "low": 0.01, "high": 0.2, "log": True},
        "momentum": {"type": "categorical", "choices": (0.8, 0.9, 0.97), "when": {"batch_size": 64}, "default": 0.97},
        "batch_size": {"type": "categorical", "choices": (32, 64)},
        "j": {"type": "float", "low": 0.5, "high": 20.0, "step": 0.5},
    },
    fixed={"weight_decay": 1e-5, "energy_scale": 0.05},
)


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


def cost_of(chosen: Hyperparameters) -> int:
    """A made-up number of multiply-adds, that the error falls with."""
    return 1000 * chosen.batch_size + chosen.c1_maps


def trials_of(
    folder: Path, options: Search = OPTIONS, evaluate: Evaluate = evaluate, name: str = "study"
) -> list[Trial]:
    """The trials of the study in `folder`."""
    with not_waiting_for_the_disk():
        return run_study(options, name, f"sqlite:///{folder}/studies/study.db", evaluate, cost_of, lambda _: None)


class Counting:
    """Evaluates, and remembers what it was asked; from call `stop_at` on it is interrupted instead."""

    def __init__(self, stop_at: float = math.inf, evaluate: Evaluate = evaluate) -> None:
        self.evaluate = evaluate
        self.calls: list[tuple[Sequence[Hyperparameters], int]] = []
        self.stop_at = stop_at

    def __call__(self, configurations: Sequence[Hyperparameters], epochs: int) -> Sequence[float | Failure]:
        if len(self.calls) == self.stop_at:
            raise KeyboardInterrupt
        self.calls.append((configurations, epochs))
        return self.evaluate(configurations, epochs)


def failing(numbers_of_epochs: int, share: float = 0.5) -> Evaluate:
    """Evaluates, but for configurations with a learning rate in the lower `share` of the space, which fail from that
    many epochs on."""

    def evaluate_some(configurations: Sequence[Hyperparameters], epochs: int) -> list[float | Failure]:
        limit = 0.01 * 20**share
        return [
            Failure("its process died 3 times")
            if epochs >= numbers_of_epochs and each.learning_rate < limit
            else error_of(each, epochs)
            for each in configurations
        ]

    return evaluate_some
