"""Whichever process dies, results are the same bytes, nothing is done twice, and no process is left."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lenet5.errors import UserError
from lenet5.training.job import JobFailure
from lenet5.training.module import run
from lenet5.workers.here import ThisProcess
from lenet5.workers.interface import History
from lenet5.workers.processes import Processes
from tests.processes import parent_of, wait_until, workers_of
from tests.training.made_data import make_data, make_job
from tests.workers.counting import EpochCount, as_bytes

ROOT = Path(__file__).parents[2]
DATA = make_data()
JOBS = [make_job(2), make_job(2, distorted=True, seed=2), make_job(2, network="lenet5-modern", head="softmax")]


def test_one_process_gives_what_this_one_gives_though_it_died_between_two_runs(data_file: Path, tmp_path: Path) -> None:
    run(JOBS[0], DATA)  # sets what torch wants in the environment
    environment, seen = dict(os.environ), EpochCount()
    with Processes(1, data_file, tmp_path / "jobs") as workers:
        first = workers.run(JOBS[:1], seen)
        (worker,) = workers_of(os.getpid())
        os.kill(worker, signal.SIGKILL)
        assert wait_until(lambda: parent_of(worker) is None)
        results = first + workers.run(JOBS[1:], seen)
    assert as_bytes(results) == as_bytes([run(job, DATA) for job in JOBS])
    assert seen.epochs == 6
    assert os.environ == environment
    assert not workers_of(os.getpid())


def test_a_worker_killed_while_it_trains_changes_nothing(data_file: Path, tmp_path: Path) -> None:
    jobs = [make_job(6, batch_size=1), make_job(2, distorted=True)]
    trained_by: list[int | None] = []
    with Processes(2, data_file, tmp_path / "jobs") as workers:

        def kill_the_first(position: int, _history: History) -> None:
            if position == 0:
                process = next(each.process for each in workers.busy.values() if each.position == 0)
                trained_by.append(process.pid)
                if len(trained_by) == 1:
                    process.kill()

        results = workers.run(jobs, kill_the_first)
    assert trained_by[0] != trained_by[-1]
    assert as_bytes(results) == as_bytes([run(job, DATA) for job in jobs])


@contextmanager
def killing_every_worker() -> Iterator[list[int]]:
    """Kill each process that this one spawns; gives the list of the killed."""
    killed: list[int] = []
    end = threading.Event()

    def kill() -> None:
        while not end.wait(0.01):
            for worker in set(workers_of(os.getpid())) - set(killed):
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        end.set()
        thread.join()


def test_a_job_whose_worker_dies_three_times_is_given_up(data_file: Path, tmp_path: Path) -> None:
    with Processes(1, data_file, tmp_path / "jobs") as workers:
        with killing_every_worker() as killed:
            (failure,) = workers.run(JOBS[:1], EpochCount())
        assert isinstance(failure, JobFailure)
        assert re.fullmatch(r"LENET5_WORKERS: .*died 3 times .*-9.*smaller number", failure.reason)
        assert len(killed) == 3
        # It takes nothing with it, and is tried anew when asked for again.
        assert as_bytes(workers.run(JOBS, EpochCount())) == as_bytes([run(job, DATA) for job in JOBS])
    assert not workers_of(os.getpid())


def test_what_a_worker_cannot_do_is_said_by_the_coordinator(data_file: Path, tmp_path: Path) -> None:
    with Processes(1, data_file, tmp_path / "jobs") as workers:
        data_file.write_bytes(b"damaged")
        with pytest.raises(UserError, match=r"training\.safetensors: is damaged"):
            workers.run(JOBS[:1], EpochCount())
    assert not workers_of(os.getpid())


COORDINATOR = """
import signal, sys
from pathlib import Path
from lenet5.workers.processes import Processes
from pipeline.command import stop
from tests.training.made_data import make_job

signal.signal(signal.SIGTERM, stop)
with Processes(1, Path(sys.argv[1]), Path(sys.argv[2])) as workers:
    workers.run([make_job(1000)], lambda _position, history: print(len(history), flush=True))
"""


@contextmanager
def coordinator(data_file: Path, cache: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has a long job trained by a worker, and prints the epochs."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", COORDINATOR, str(data_file), str(cache)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process


def test_a_worker_ends_when_its_coordinator_is_killed_and_what_it_trained_is_kept(
    data_file: Path, tmp_path: Path
) -> None:
    with coordinator(data_file, tmp_path / "jobs") as process:
        assert process.stdout and process.stderr
        assert [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
        (worker,) = workers_of(process.pid)
        process.kill()
        assert wait_until(lambda: parent_of(worker) is None)
        assert process.stderr.read() == ""
    with ThisProcess(data_file, tmp_path / "jobs") as workers:
        found = workers.cache.furthest(make_job(1000))
    assert found and found.epochs >= 2
    assert as_bytes([found]) == as_bytes([run(make_job(1000).up_to(found.epochs), DATA)])


def test_sigterm_ends_coordinator_and_workers_at_once(data_file: Path, tmp_path: Path) -> None:
    with coordinator(data_file, tmp_path / "jobs") as process:
        assert wait_until(lambda: len(workers_of(process.pid)) == 1)
        (worker,) = workers_of(process.pid)
        process.terminate()
        assert process.wait(60) == 143
        assert parent_of(worker) is None
        assert process.stderr and process.stderr.read() == ""
