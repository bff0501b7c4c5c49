"""What all places where jobs run have in common: the job cache, and what a caller sees.

Workers know nothing of the study or the stages: they take jobs, go on from wherever the job cache is with them, and put
every epoch there. One that dies takes nothing with it; its job goes to another one, which goes on from there.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from lenet5.data.prepared import file_digest
from lenet5.training.cache import JobCache
from lenet5.training.job import Epoch, Job, JobFailure, TrainingResult

MAX_DEATHS = 3
"""So often may the process of a training die at one and the same point of it."""

# The arrays of a step are a few MiB. glibc gives such memory back to the system after every use and takes it again page
# by page, a tenth of a step's time, unless told otherwise when the process starts.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**30)}

History = tuple[Epoch, ...]
OnEpoch = Callable[[int, History], None]
"""Told the position of a job in its list and how far it is, after every epoch."""


class Workers(ABC):
    """Runs jobs. What it takes to run them stays for the next jobs until the `with` block ends."""

    def __init__(self, training_data: Path, cache_folder: Path) -> None:
        """Prepare to train on the patterns in the file `training_data`, and to keep every epoch in `cache_folder`.

        Raises:
            UserError: the file cannot be read.
        """
        self.training_data = training_data
        self.cache = JobCache(cache_folder, file_digest(training_data))

    def __enter__(self) -> Self:
        return self

    @abstractmethod
    def __exit__(self, *_error: object) -> None:
        """End what was started."""

    def run(self, jobs: Sequence[Job], on_epoch: OnEpoch) -> list[TrainingResult | JobFailure]:
        """The results of `jobs`, in their order, whatever order they end in. Finished ones come from the cache.

        A job that stands in the list twice is trained once, and told of at its first position. The place of a result is
        taken by a JobFailure if the process of the job died MAX_DEATHS times without finishing an epoch.

        Raises:
            UserError: the place where jobs run cannot be used, or has other code than this process.
        """
        first = {self.cache.path(jobs[position]): position for position in reversed(range(len(jobs)))}
        todo = {position: jobs[position] for position in sorted(first.values())}
        failures = self._train({at: job for at, job in todo.items() if self.cache.find(job) is None}, on_epoch)
        return [failures.get(first[self.cache.path(job)]) or self._finished(job) for job in jobs]

    def epochs_left(self, jobs: Sequence[Job]) -> int:
        """How many epochs `run` will train: what the cache does not know yet."""
        known = [(job, self.cache.furthest(job)) for job in {self.cache.path(job): job for job in jobs}.values()]
        return sum(job.stop_after - (found.epochs if found else 0) for job, found in known)

    @abstractmethod
    def _train(self, jobs: Mapping[int, Job], on_epoch: OnEpoch) -> dict[int, JobFailure]:
        """Train `jobs`, by their positions, until the cache has their results; gives those that failed."""

    def _finished(self, job: Job) -> TrainingResult:
        result = self.cache.find(job)
        assert result is not None, "the cache lost an entry while it was in use"
        return result
