"""What MLflow is to show, as values: a `RunRecord` is one run, whole."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lenet5.recogniser import Description

Status = Literal["RUNNING", "FINISHED", "KILLED", "FAILED"]


class Metric(NamedTuple):
    """One point of a curve; `step` is an epoch, or a trial's number."""

    name: str
    value: float
    step: int = 0


class Dataset(NamedTuple):
    """What a run learnt from, chose by or was measured on: `digest` is the MD5 that DVC gives the file."""

    name: str
    path: str
    digest: str
    context: Literal["training", "validation", "test"]
    patterns: int
    """How many patterns of the file are meant."""


class Artifact(NamedTuple):
    """A file, and the folder of the run that it goes to; it keeps its own name there."""

    path: Path
    folder: str = ""

    @property
    def name(self) -> str:
        """What MLflow calls it."""
        return f"{self.folder}/{self.path.name}" if self.folder else self.path.name


@dataclass(frozen=True)
class NetworkContent:
    """What a network's model is made of: `example` holds images [n, 28, 28] of the training set."""

    description: "Description"
    weights: Path
    example: "NDArray[np.uint8]"
    predictions: "AnswersOnTest"


@dataclass(frozen=True)
class AnswersOnTest:
    """The test set's labels and what a network said, both [n], in the order of the set."""

    label: "NDArray[np.int64]"
    predicted: "NDArray[np.int64]"


@dataclass(frozen=True)
class LoggedNetwork:
    """A trained network. `load` is called only if MLflow lacks it."""

    name: str
    digest: str
    load: Callable[[], NetworkContent]


@dataclass(frozen=True)
class Candidate:
    """A network that is proposed: `key` is the record of its run, `digest` the MD5 of its weights."""

    key: str
    name: str
    digest: str
    answers: AnswersOnTest


@dataclass(frozen=True)
class RunRecord:
    """One run as MLflow is to show it.

    `key` says which result it is: two records of equal key have equal params, metrics, datasets and network. Everything
    else (name, tags, artifacts, parent) is brought up to date in place. `plan` is what was known of it before it began,
    as a fingerprint. A run that is still to come or under way has no result: its plan stands as its key, and `parent`
    is the plan of its parent.
    """

    key: str
    plan: str
    name: str
    status: Status
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    network: LoggedNetwork | None = None
    parent: str | None = None

    @classmethod
    def planned(
        cls,
        plan: str,
        name: str,
        params: Mapping[str, str],
        tags: Mapping[str, str],
        datasets: tuple[Dataset, ...],
        parent: str | None = None,
    ) -> Self:
        """A run that is still to come."""
        return cls(plan, plan, name, "RUNNING", params=params, tags=tags, datasets=datasets, parent=parent)

    def content(self) -> str:
        """A digest of all that MLflow is to show of this run, the bytes of its artifacts included."""
        return fingerprint(
            self.key,
            self.plan,
            self.name,
            self.status,
            dict(self.params),
            self.metrics,
            dict(self.tags),
            {artifact.name: hashlib.sha256(artifact.path.read_bytes()).hexdigest() for artifact in self.artifacts},
            self.datasets,
            self.network and [self.network.name, self.network.digest],
            self.parent,
        )


def fingerprint(*parts: object) -> str:
    """16 hexadecimal digits that stand for `parts`, which must be made of what JSON knows; mappings have no order."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
