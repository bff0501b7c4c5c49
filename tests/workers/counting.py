"""What the tests of workers look at."""

from collections.abc import Sequence

from safetensors.torch import save

from lenet5.training.job import JobFailure, TrainingResult
from lenet5.workers.interface import History


def as_bytes(results: Sequence[TrainingResult | JobFailure]) -> list[bytes]:
    """The numbers of all results, none of which may have failed."""
    assert [result for result in results if isinstance(result, JobFailure)] == []
    return [save(result.to_tensors()) for result in results if isinstance(result, TrainingResult)]


class EpochCount:
    """Counts the epochs that were trained."""

    def __init__(self) -> None:
        self.epochs = 0

    def __call__(self, position: int, history: History) -> None:
        self.epochs += 1
