"""`pipeline/paper/params.yaml` as frozen, validated objects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from lenet5.blocks import Block, Name, Seed
from lenet5.params import Compare, load_block
from lenet5.sdlm.conventions import Conventions, Schedule

Seeds = Annotated[tuple[Seed, ...], Field(min_length=1)]


class Alternative(Block):
    """Another answer to one question that the paper leaves open."""

    question: str
    change: Annotated[dict[str, Any], Field(min_length=1)]
    """The conventions that differ."""
    stated: bool = False
    """The paper does say it, otherwise: tried to see what it matters, never chosen."""

    def applied_to(self, conventions: Conventions) -> Conventions:
        """The conventions with what this changes."""
        return Conventions.model_validate(conventions.model_dump() | self.change)


class Choose(Block):
    seeds: Seeds
    alternatives: tuple[Alternative, ...]


class PaperRow(Block):
    """One line of the results table."""

    size: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """So many training patterns; all if not said."""
    distortions: bool
    every_pass: bool = False
    """The test error after every pass, as Fig. 5 has it, not after the last alone."""
    paper: Name


class PaperTrain(Block):
    seeds: Seeds
    versions: Annotated[int, Field(ge=1, le=100)]
    rows: Annotated[dict[Name, PaperRow], Field(min_length=1)]


class PaperParams(Block):
    """The whole of pipeline/paper/params.yaml."""

    schedule: Schedule
    conventions: Conventions
    choose: Choose
    train: PaperTrain
    compare: Compare

    @model_validator(mode="after")
    def alternatives_possible(self) -> Self:
        for number, alternative in enumerate(self.choose.alternatives):
            try:
                changed = alternative.applied_to(self.conventions)
            except ValueError as error:
                complaint = error.errors()[0] if hasattr(error, "errors") else {"loc": (), "msg": str(error)}
                key = ".".join(map(str, ("choose.alternatives", number, "change", *complaint["loc"])))
                raise ValueError(f"{key}: {complaint['msg']}") from error
            if changed == self.conventions:
                raise ValueError(f"choose.alternatives.{number}.change: changes nothing")
        return self

    @model_validator(mode="after")
    def seeds_differ(self) -> Self:
        for block in ("choose", "train"):
            seeds = getattr(self, block).seeds
            if len(set(seeds)) != len(seeds):
                raise ValueError(f"{block}.seeds: the same seed stands there twice")
        return self


def load_paper_params(path: Path = Path("pipeline/paper/params.yaml")) -> PaperParams:
    """Read and validate the params file of the 1998 experiment.

    Raises:
        UserError: the file is missing or unreadable, or a key is unknown, missing, of a wrong type or out of range.
    """
    return load_block(path, PaperParams)
