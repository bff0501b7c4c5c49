"""Where jobs run: in this process, or on N processes of this machine. The results are the same.

Workers know nothing of the study or the stages: they take a job, go on from wherever the job cache is with it, and put
the result there. One that dies takes nothing with it; its job is given to a new one.
"""

import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

from lenet5.data.prepared import TrainingData, file_digest, load_training_data
from lenet5.errors import UserError
from lenet5.training.cache import JobCache, code_digest
from lenet5.training.job import Epoch, TrainingJob, TrainingResult

MAX_DEATHS = 3
# The arrays of a step are a few MiB. glibc gives such memory back to the system after every use and takes it again page
# by page, a tenth of a step's time, unless told otherwise when the process starts.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**30)}

History = tuple[Epoch, ...]
OnEpoch = Callable[[int, History], None]
"""Told the position of a job in its list and how far it is, after every epoch."""


@dataclass
class Worker:
    """A process that trains, our end of the pipe to it, and the position of the job it has."""

    process: BaseProcess
    pipe: Connection
    position: int = -1


class Workers:
    """Runs jobs on `count` processes, which stay for the next jobs until the `with` block ends; 0: in this process."""

    def __init__(self, count: int, training_data: Path, cache_folder: Path) -> None:
        self.count, self.training_data = count, training_data
        self.cache = JobCache(cache_folder, file_digest(training_data))
        self.idle: list[Worker] = []
        self.busy: dict[Connection, Worker] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for worker in [*self.idle, *self.busy.values()]:
            # Not SIGTERM: Lightning would finish its batch first. What a worker keeps appears whole or not at all.
            worker.process.kill()
            worker.process.join()

    def run(self, jobs: Sequence[TrainingJob], on_epoch: OnEpoch) -> list[TrainingResult]:
        """The results of `jobs`, in their order, whatever order they end in. Finished ones come from the cache.

        Raises:
            UserError: the process of a job died MAX_DEATHS times, or finds other code than this one's.
        """
        todo = deque(position for position, job in enumerate(jobs) if self.cache.find(job) is None)
        if self.count:
            self._run_on_processes(jobs, todo, on_epoch)
        elif todo:
            data = load_training_data(self.training_data)
            for position in todo:
                run_cached(jobs[position], self.cache, data, partial(on_epoch, position))
        return [run_cached(job, self.cache, None, lambda _: None) for job in jobs]

    def epochs_left(self, jobs: Sequence[TrainingJob]) -> int:
        """How many epochs `run` will train: what the cache does not know yet."""
        known = (self.cache.furthest(job) for job in jobs)
        return sum(job.stop_after - (found.epochs if found else 0) for job, found in zip(jobs, known, strict=True))

    def _run_on_processes(self, jobs: Sequence[TrainingJob], todo: deque[int], on_epoch: OnEpoch) -> None:
        deaths: Counter[int] = Counter()
        while todo or self.busy:
            while todo and len(self.busy) < self.count:
                self._hand_out(jobs, todo)
            for pipe in wait(list(self.busy)):
                worker = self.busy[pipe]  # type: ignore[index]  # typeshed: wait gives what it was given
                try:
                    message = worker.pipe.recv()
                except (EOFError, OSError):  # a reset, if it had not read all that we sent
                    self._bury(worker, deaths)
                    todo.appendleft(worker.position)
                    continue
                if isinstance(message, BaseException):
                    raise message
                if message is None:
                    self.idle.append(self.busy.pop(worker.pipe))
                else:
                    on_epoch(worker.position, message)

    def _hand_out(self, jobs: Sequence[TrainingJob], todo: deque[int]) -> None:
        worker = self.idle.pop() if self.idle else self._start()
        worker.position = todo.popleft()
        self.busy[worker.pipe] = worker
        with suppress(OSError):  # it is dead already, as reading from it will tell
            worker.pipe.send(jobs[worker.position])

    def _start(self) -> Worker:
        ours, theirs = multiprocessing.Pipe()
        # Spawned, not forked: torch's state does not survive a fork, and the environment counts from the start.
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=serve, args=(theirs, self.training_data, self.cache), daemon=True)
        before = dict(os.environ)
        os.environ.update(KEEP_MEMORY)
        try:
            process.start()
        finally:
            os.environ.clear()
            os.environ.update(before)
        theirs.close()
        return Worker(process, ours)

    def _bury(self, worker: Worker, deaths: Counter[int]) -> None:
        del self.busy[worker.pipe]
        worker.process.join()
        deaths[worker.position] += 1
        if deaths[worker.position] == MAX_DEATHS:
            raise UserError(
                f"LENET5_WORKERS: the process of a training died {MAX_DEATHS} times (exit code "
                f"{worker.process.exitcode}); with less memory than {self.count} workers need, set a smaller number"
            )


def serve(pipe: Connection, training_data: Path, cache: JobCache) -> None:
    """What a worker process does: jobs come, histories go after every epoch, None when a job is done.

    It ends when the other end of the pipe is closed, also by the death of the process that held it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the coordinator decides
    try:
        if code_digest() not in cache.surroundings:
            raise UserError("src/lenet5: was edited while it ran, which makes its results void; run it again")
        data = load_training_data(training_data)
        while True:
            run_cached(pipe.recv(), cache, data, pipe.send)
            pipe.send(None)
    except (EOFError, ConnectionError):
        return
    except (UserError, OSError) as error:
        pipe.send(error)


def run_cached(
    job: TrainingJob, cache: JobCache, data: TrainingData | None, on_epoch: Callable[[History], None]
) -> TrainingResult:
    """Run `job` from the furthest point that the cache knows, and keep every epoch there until the next one is kept.

    `data` may be None if the cache is known to hold the result.
    """
    start = cache.furthest(job)
    if start and start.epochs == job.stop_after:
        return start
    assert data is not None, "the cache lost an entry while it was in use"
    # Late: Lightning takes seconds to import, which a process that only hands out jobs should not pay.
    from lenet5.training.module import run

    first = start.epochs if start else 0

    def keep(result: TrainingResult) -> None:
        cache.keep(job, result)
        if result.epochs > first + 1:
            cache.forget(job.up_to(result.epochs - 1))
        on_epoch(result.history)

    return run(job, data, start, keep)
