"""On a Ray cluster, as plain tasks of one epoch each.

The cluster keeps nothing: every epoch comes back to the job cache of the coordinator, and the next one starts from
there, wherever there is room. A node that dies costs the epochs that it was at. So no file system need be shared, and
Ray's own retries are off: they would start from what the coordinator knew when the task was sent, and a task that runs
out of memory would be retried for ever.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import ray
from ray.exceptions import (
    LocalRayletDiedError,
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayError,
    RayTaskError,
    WorkerCrashedError,
)

from lenet5.data.prepared import load_training_data
from lenet5.errors import UserError
from lenet5.training.cache import code_digest
from lenet5.training.job import Job, JobFailure
from lenet5.workers.here import keep_epoch
from lenet5.workers.interface import MAX_DEATHS, OnEpoch, Workers
from lenet5.workers.node import as_arrays, packed, train_epoch, unpacked
from lenet5.workers.ray_connection import Request, check_resources, connect, one_line, sigterm_deferred

DEATHS = (LocalRayletDiedError, NodeDiedError, ObjectLostError, OutOfMemoryError, WorkerCrashedError)
"""Of the process that trained, of its node, or of the node that still had the result."""

SECONDS_OF_A_WAIT = 0.5


class RayCluster(Workers):
    """Runs jobs on the nodes of a cluster that stands already, as many at once as find the resources they ask for."""

    def __init__(self, request: Request, training_data: Path, cache_folder: Path) -> None:
        super().__init__(training_data, cache_folder)
        self.request = request
        self.task = ray.remote(max_retries=0, num_cpus=request.cpus, num_gpus=request.gpus)(train_epoch)
        self.data: Any = None

    def __enter__(self) -> Self:
        """Join the cluster.

        Raises:
            UserError: it does not answer, cannot be used, or has no node that could run a job.
        """
        connect(self.request.address)
        try:
            check_resources(self.request)
        except UserError:
            ray.shutdown()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        ray.shutdown()  # Ray ends what still runs for this coordinator, also when it is killed

    def _train(self, jobs: Mapping[int, Job], on_epoch: OnEpoch) -> dict[int, JobFailure]:
        try:
            with sigterm_deferred() as act_on_sigterm:
                return self._train_on_nodes(jobs, on_epoch, act_on_sigterm)
        except RayTaskError as error:
            if isinstance(error.cause, UserError):
                raise UserError(str(error.cause)) from error
            if isinstance(error.cause, ImportError):
                raise UserError(f"LENET5_CLUSTER: a node lacks a library: {error.cause}") from error
            raise
        except (RayError, ConnectionError) as error:
            raise UserError(
                f"LENET5_CLUSTER: {self.request.address} cannot be used any more: {one_line(error)}; what had "
                "finished is kept, run it again to go on"
            ) from error

    def _train_on_nodes(
        self, jobs: Mapping[int, Job], on_epoch: OnEpoch, act_on_sigterm: Callable[[], None]
    ) -> dict[int, JobFailure]:
        known = {position: self.cache.furthest(job) for position, job in jobs.items()}
        first = {position: result.epochs if result else 0 for position, result in known.items()}
        deaths, failures = Counter[int](), dict[int, JobFailure]()
        running = {self._send(job): position for position, job in jobs.items()}
        while running:
            done, _ = ray.wait([*running], num_returns=1, timeout=SECONDS_OF_A_WAIT)
            act_on_sigterm()
            for reference in done:
                position = running.pop(reference)
                try:
                    result = unpacked(ray.get(reference))
                except DEATHS as death:
                    deaths[position] += 1
                    if deaths[position] == MAX_DEATHS:
                        failures[position] = failure(death)
                        continue
                else:
                    del deaths[position]
                    keep_epoch(self.cache, jobs[position], result, first[position])
                    on_epoch(position, result.history)
                    if result.epochs == jobs[position].stop_after:
                        continue
                running[self._send(jobs[position])] = position
        return failures

    def _send(self, job: Job) -> Any:
        """Have the next epoch of `job` trained: a reference to what will come back."""
        if self.data is None:
            self.data = ray.put(as_arrays(load_training_data(self.training_data)))
        start = self.cache.furthest(job)
        return self.task.remote(job, packed(start) if start else None, self.data, code_digest(job.CODE))


def failure(death: BaseException) -> JobFailure:
    """What became of a job whose process died too often."""
    return JobFailure(
        f"LENET5_CLUSTER: the process of a training died {MAX_DEATHS} times ({one_line(death)}); if its node has too "
        "little memory, let a job ask for more of it: a higher LENET5_JOB_CPUS"
    )
