"""What a training of 1998 is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lenet5.blocks import Seed
from lenet5.data.prepared import TrainingData
from lenet5.params import Distortions
from lenet5.sdlm.conventions import Conventions, Schedule
from lenet5.training.job import Job, TrainingResult


class PaperJob(Job):
    """One training as in 1998: one pattern per update, in a random order, each weight with its own rate."""

    CODE: ClassVar = (
        "compiled.py",
        "data/distortions.py",
        "data/prepared.py",
        "models/*.py",
        "sdlm/arithmetic.py",
        "sdlm/job.py",
        "sdlm/passes.py",
        "sdlm/run.py",
        "sdlm/start.py",
        "training/cache.py",
        "training/job.py",
        "numerics.py",
        "randomness.py",
    )

    conventions: Conventions
    schedule: Schedule
    patterns: Literal["train", "all"]
    """The patterns of the search, with errors on the validation patterns after each pass; or all, without."""
    size: Annotated[int, Field(ge=1, le=60_000)] | None
    """So many of them, drawn by the seed; None for all."""
    distortions: Distortions | None
    versions: Annotated[int, Field(ge=1, le=100)]
    """With distortions: the training set is so many times as large, once undistorted (section III.B: 10)."""
    seed: Seed

    @property
    def epochs(self) -> int:
        """Passes of the whole schedule."""
        return len(self.schedule.rates)

    def run(
        self, data: TrainingData, start: TrainingResult | None, on_epoch: Callable[[TrainingResult], None]
    ) -> TrainingResult:
        # Late: Numba takes a second to import, which a process that only hands out jobs should not pay.
        from lenet5.sdlm.run import run

        return run(self, data, start, on_epoch)
