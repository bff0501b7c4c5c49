"""A job -> its TrainingResult: the one unit of work. In memory, one process, one thread."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, Self

import torch
from pydantic import Field
from torch import Tensor

from lenet5.blocks import Block, Seed
from lenet5.data.prepared import TrainingData
from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Distortions, HeadName, NetworkName, Row


class Job(Block, ABC):
    """One training, up to the end of epoch `stop_after`: what the places where jobs run need to know of it.

    Jobs that differ in `stop_after` alone are points of the same training: the result of an earlier one is a checkpoint
    of a later one.
    """

    CODE: ClassVar[tuple[str, ...]]
    """What runs when the job runs, below this package: an edit of it makes its results in the job cache void."""

    stop_after: Annotated[int, Field(ge=1)]

    @abstractmethod
    def run(
        self, data: TrainingData, start: TrainingResult | None, on_epoch: Callable[[TrainingResult], None]
    ) -> TrainingResult:
        """Train from `start` if given (an earlier result of the same training), else from the beginning.

        The result is the same to the bit from wherever it starts. `on_epoch` sees the state after every epoch.
        """

    def up_to(self, epoch: int) -> Self:
        """The same training, stopped after `epoch`."""
        return self.model_copy(update={"stop_after": epoch})

    def fingerprint(self, surroundings: str) -> str:
        """A name for the result: a hash of the job and its `surroundings` (data, code and arithmetic)."""
        return hashlib.sha256(f"{surroundings}\n{self.model_dump_json()}".encode()).hexdigest()[:32]


class TrainingJob(Job):
    """A training by mini-batches. Everything that determines its result, but data and code."""

    CODE: ClassVar = (
        "compiled.py",
        "data/datamodule.py",
        "data/distortions.py",
        "data/prepared.py",
        "models/*.py",
        "training/*.py",
        "numerics.py",
        "randomness.py",
    )

    network: NetworkName
    head: HeadName
    hyperparameters: Hyperparameters
    distortions: Distortions | None
    patterns: Literal["train", "all"]
    """The 55,000, with errors on the validation patterns after each epoch; or all 60,000, without."""
    seed: Seed
    epochs: Annotated[int, Field(ge=1)]
    """Length of the schedule, in passes over the patterns."""

    @classmethod
    def of_row(
        cls,
        row: Row,
        ranges: Distortions,
        hyperparameters: Hyperparameters,
        *,
        patterns: Literal["train", "all"],
        seed: int,
        epochs: int,
    ) -> Self:
        """The whole training of `row`'s network with one seed."""
        return cls(
            network=row.network,
            head=row.head,
            hyperparameters=hyperparameters,
            distortions=ranges if row.distortions else None,
            patterns=patterns,
            seed=seed,
            epochs=epochs,
            stop_after=epochs,
        )

    def run(
        self, data: TrainingData, start: TrainingResult | None, on_epoch: Callable[[TrainingResult], None]
    ) -> TrainingResult:
        # Late: Lightning takes seconds to import, which a process that only hands out jobs should not pay.
        from lenet5.training.module import run

        return run(self, data, start, on_epoch)


@dataclass(frozen=True)
class Epoch:
    """What one pass over the patterns gave; errors in percent."""

    learning_rate: float  # of the last step
    train_loss: float  # mean over the pass, measured on the fly as in Fig. 5
    train_error_pct: float
    val_error_pct: float  # not a number if no pattern is set aside


@dataclass(frozen=True)
class TrainingResult:
    """The state of a training after some epochs: enough to use it, to judge it, and to go on."""

    weights: dict[str, Tensor]
    momentum: dict[str, Tensor]
    history: tuple[Epoch, ...]
    validation_predictions: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))
    trace: dict[str, Tensor] = field(default_factory=dict)
    """What a kind of training tells of each epoch besides [epochs, ...]."""

    @property
    def epochs(self) -> int:
        return len(self.history)

    def to_tensors(self) -> dict[str, Tensor]:
        """As named tensors, which safetensors can keep."""
        columns = [[e.learning_rate, e.train_loss, e.train_error_pct, e.val_error_pct] for e in self.history]
        return {
            **{f"weights.{name}": tensor for name, tensor in self.weights.items()},
            **{f"momentum.{name}": tensor for name, tensor in self.momentum.items()},
            **{f"trace.{name}": tensor for name, tensor in self.trace.items()},
            "history": torch.tensor(columns, dtype=torch.float64).reshape(-1, 4),
            "validation_predictions": self.validation_predictions,
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> Self:
        """The inverse of `to_tensors`."""

        def named(group: str) -> dict[str, Tensor]:
            return {name.removeprefix(group): tensor for name, tensor in tensors.items() if name.startswith(group)}

        history = tuple(Epoch(*row) for row in tensors["history"].tolist())
        return cls(named("weights."), named("momentum."), history, tensors["validation_predictions"], named("trace."))


@dataclass(frozen=True)
class JobFailure:
    """A job that could not be brought to its end, and why."""

    reason: str
