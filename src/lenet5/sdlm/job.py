"""What a training of 1998 is: its schedule, and how what the paper leaves open is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveFloat

from lenet5.blocks import Block, Seed
from lenet5.data.prepared import TrainingData
from lenet5.params import Distortions
from lenet5.training.job import Job, TrainingResult


class Conventions(Block):
    """What the paper leaves open or says in two ways; docs/paper.md tells what each choice does."""

    initial_weights: Literal["fan-in", "sqrt-fan-in"]
    """Uniform in ±2.4/F (section III.B, to the letter) or ±2.4/sqrt(F), F the inputs of the unit."""
    initial_biases: Literal["zero", "drawn"]
    """0, or drawn as the weights of their unit."""
    initial_coefficients: Literal["average", "drawn"]
    """So that a subsampling unit starts as the average of its inputs, or drawn as weights with F = 4."""
    subsampling: Literal["averaged", "added"]
    """The four inputs are averaged (section II.A) or added (II.B): the trained coefficient's rate differs."""
    energy: PositiveFloat
    """The factor of the penalties in the loss: 1 as in eq. 8, or 1/2 as a squared distance usually has."""
    loss: Literal["mle", "map"]
    """Eq. 8, or eq. 9 with the constant j."""
    j: Annotated[float, Field(ge=0)]
    """Of eq. 9's rubbish class; eq. 8 has none."""
    order: Literal["constant", "anew"]
    """One random order for all passes (section III.B), or another one in each."""


class Schedule(Block):
    """The stochastic diagonal Levenberg-Marquardt method's settings (section III.B, appendix C)."""

    rates: Annotated[tuple[PositiveFloat, ...], Field(min_length=1)]
    """The global learning rate eta of each pass."""
    mu: PositiveFloat
    """Keeps a weight's rate eta / (mu + h_kk) from growing where there is no curvature (eq. 21)."""
    curvature_patterns: Annotated[int, Field(ge=1, le=60_000)]
    """On so many patterns the curvatures are estimated before each pass."""


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
