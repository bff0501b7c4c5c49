"""What the tests of workers look at."""

import hashlib
from collections.abc import Sequence

from safetensors.torch import save

from lenet5.training.job import JobFailure, TrainingResult
from lenet5.workers.interface import History


def as_bytes(results: Sequence[TrainingResult | JobFailure]) -> list[str]:
    """A hash of the numbers of each result, none of which may have failed. (Of megabytes that differ, pytest would
    take minutes to show where.)"""
    assert [result for result in results if isinstance(result, JobFailure)] == []
    trained = [result for result in results if isinstance(result, TrainingResult)]
    return [hashlib.sha256(save(result.to_tensors())).hexdigest() for result in trained]


class EpochCount:
    """Counts the epochs that were trained."""

    def __init__(self) -> None:
        self.epochs = 0

    def __call__(self, position: int, history: History) -> None:
        self.epochs += 1
