"""In this process: what a worker does, and workers that are this process itself."""

from collections.abc import Callable, Mapping
from functools import partial

from lenet5.data.prepared import TrainingData, load_training_data
from lenet5.training.cache import JobCache
from lenet5.training.job import Job, JobFailure, TrainingResult
from lenet5.workers.interface import History, OnEpoch, Workers


class ThisProcess(Workers):
    """Trains one job after the other."""

    def __exit__(self, *_error: object) -> None:
        """Nothing was started."""

    def _train(self, jobs: Mapping[int, Job], on_epoch: OnEpoch) -> dict[int, JobFailure]:
        data = load_training_data(self.training_data) if jobs else None
        for position, job in jobs.items():
            assert data is not None
            train(job, self.cache, data, partial(on_epoch, position))
        return {}


def train(job: Job, cache: JobCache, data: TrainingData, on_epoch: Callable[[History], None]) -> None:
    """Train `job` from the furthest point that the cache knows, and keep every epoch there."""
    start = cache.furthest(job)
    first = start.epochs if start else 0

    def keep(result: TrainingResult) -> None:
        keep_epoch(cache, job, result, first)
        on_epoch(result.history)

    job.run(data, start, keep)


def keep_epoch(cache: JobCache, job: Job, result: TrainingResult, first: int) -> None:
    """Keep an epoch of `job`, and drop the one before it unless that is `first`, where the training went on from."""
    cache.keep(job, result)
    if result.epochs > first + 1:
        cache.forget(job.up_to(result.epochs - 1))
