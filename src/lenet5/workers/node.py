"""What a node of a Ray cluster does: one more epoch of a training, from bytes to bytes. It keeps nothing."""

import warnings
from dataclasses import fields
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors.torch import load, save

from lenet5.data.prepared import TrainingData
from lenet5.errors import UserError
from lenet5.training.cache import code_digest
from lenet5.training.job import Job, TrainingResult

Arrays = dict[str, NDArray[Any]]


def train_epoch(job: Job, start: bytes | None, arrays: Arrays, code: str) -> bytes:
    """Train `job` for one epoch more than `start` has; both it and what comes back are `packed`.

    Raises:
        UserError: this node has other code than `code`, the coordinator's.
    """
    if code_digest(job.CODE) != code:
        raise UserError(
            "LENET5_CLUSTER: a node computes with other libraries or on another architecture than this machine, or "
            "src/lenet5 was edited while it ran; install the same requirements.lock everywhere, and run it again"
        )
    before = unpacked(start) if start else None
    next_epoch = job.up_to(before.epochs + 1 if before else 1)
    return packed(next_epoch.run(as_data(arrays), before, lambda _: None))


def packed(result: TrainingResult) -> bytes:
    """A result on its way, as safetensors: a function of its numbers alone, that runs no code when read."""
    return save(result.to_tensors())


def unpacked(content: bytes) -> TrainingResult:
    """The inverse of `packed`."""
    return TrainingResult.from_tensors(load(content))


def as_arrays(data: TrainingData) -> Arrays:
    """The patterns as numpy arrays, of which all workers of a node share one copy in Ray's memory."""
    return {field.name: getattr(data, field.name).numpy() for field in fields(data)}


def as_data(arrays: Arrays) -> TrainingData:
    """The inverse of `as_arrays`, without a copy."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable")  # nor does a training write there
        return TrainingData(**{name: torch.from_numpy(array) for name, array in arrays.items()})
