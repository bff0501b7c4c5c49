"""On N processes of this machine."""

import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from lenet5.data.prepared import load_training_data
from lenet5.errors import UserError
from lenet5.training.cache import JobCache, code_digest
from lenet5.training.job import Job, JobFailure
from lenet5.workers.here import train
from lenet5.workers.interface import KEEP_MEMORY, MAX_DEATHS, OnEpoch, Workers


@dataclass
class Worker:
    """A process that trains, our end of the pipe to it, and the position of the job it has."""

    process: BaseProcess
    pipe: Connection
    position: int = -1


class Processes(Workers):
    """Runs jobs on `count` processes."""

    def __init__(self, count: int, training_data: Path, cache_folder: Path) -> None:
        super().__init__(training_data, cache_folder)
        self.count = count
        self.idle: list[Worker] = []
        self.busy: dict[Connection, Worker] = {}

    def __exit__(self, *_error: object) -> None:
        for worker in [*self.idle, *self.busy.values()]:
            # Not SIGTERM: Lightning would finish its batch first. What a worker keeps appears whole or not at all.
            worker.process.kill()
            worker.process.join()

    def _train(self, jobs: Mapping[int, Job], on_epoch: OnEpoch) -> dict[int, JobFailure]:
        todo, deaths, failures = deque(jobs), Counter[int](), dict[int, JobFailure]()
        while todo or self.busy:
            while todo and len(self.busy) < self.count:
                self._hand_out(jobs, todo)
            for pipe in wait(list(self.busy)):
                worker = self.busy[pipe]  # type: ignore[index]  # typeshed: wait gives what it was given
                if not self._listen(worker, deaths, on_epoch):
                    self._bury(worker, deaths, todo, failures)
        return failures

    def _listen(self, worker: Worker, deaths: Counter[int], on_epoch: OnEpoch) -> bool:
        """Take the next message of a worker; False if it has died."""
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):  # a reset, if it had not read all that we sent
            return False
        if isinstance(message, BaseException):
            raise message
        if message is None:
            self.idle.append(self.busy.pop(worker.pipe))
        else:
            del deaths[worker.position]
            on_epoch(worker.position, message)
        return True

    def _hand_out(self, jobs: Mapping[int, Job], todo: deque[int]) -> None:
        worker = self.idle.pop() if self.idle else self._start()
        worker.position = todo.popleft()
        self.busy[worker.pipe] = worker
        with suppress(OSError):  # it is dead already, as reading from it will tell
            job = jobs[worker.position]
            worker.pipe.send((job, code_digest(job.CODE)))

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

    def _bury(self, worker: Worker, deaths: Counter[int], todo: deque[int], failures: dict[int, JobFailure]) -> None:
        del self.busy[worker.pipe]
        worker.process.join()
        deaths[worker.position] += 1
        if deaths[worker.position] < MAX_DEATHS:
            todo.appendleft(worker.position)
            return
        failures[worker.position] = JobFailure(
            f"LENET5_WORKERS: the process of a training died {MAX_DEATHS} times (exit code "
            f"{worker.process.exitcode}); with less memory than {self.count} workers need, set a smaller number"
        )


def serve(pipe: Connection, training_data: Path, cache: JobCache) -> None:
    """What a worker process does: jobs come, histories go after every epoch, None when a job is done.

    It ends when the other end of the pipe is closed, also by the death of the process that held it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the coordinator decides
    try:
        data = load_training_data(training_data)
        while True:
            job, code = pipe.recv()
            if code_digest(job.CODE) != code:
                raise UserError("src/lenet5: was edited while it ran, which makes its results void; run it again")
            train(job, cache, data, pipe.send)
            pipe.send(None)
    except (EOFError, ConnectionError):
        return
    except (UserError, OSError) as error:
        pipe.send(error)
