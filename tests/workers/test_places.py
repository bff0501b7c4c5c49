"""Jobs give the same bytes wherever they run, go on where they were, and are not done twice."""

from pathlib import Path

import pytest

from lenet5.errors import UserError
from lenet5.training.job import Job
from lenet5.training.module import run
from lenet5.workers.here import ThisProcess
from lenet5.workers.interface import History
from tests.sdlm.made_jobs import job as of_1998
from tests.training.made_data import RANGES, make_data, make_job
from tests.workers.conftest import Open
from tests.workers.counting import EpochCount, as_bytes

DATA = make_data()
JOBS: list[Job] = [
    make_job(3),
    make_job(2, distorted=True, seed=2),
    make_job(3),  # once more
    make_job(2, network="lenet5-modern", head="softmax"),
    make_job(2, distorted=True, patterns="all", momentum=0.0),
    of_1998(stop_after=2, distortions=RANGES, versions=2),
]
# More processes of one kind add nothing to these tests, but the seconds that a process takes to load torch.
RAY = pytest.param("two Ray nodes", marks=pytest.mark.slow)
of_each_kind = pytest.mark.parametrize("place", ["this process", "1 process", RAY], indirect=True)


def test_results_are_the_same_bytes_in_the_order_of_the_jobs(place: Open, data_file: Path, tmp_path: Path) -> None:
    seen, expected = EpochCount(), [job.run(DATA, None, lambda _: None) for job in JOBS]
    with place(data_file, tmp_path / "jobs") as workers:
        assert workers.epochs_left(JOBS) == 11
        assert as_bytes(workers.run(JOBS, seen)) == as_bytes(expected)
        assert seen.epochs == 11
        # What was trained is not trained again, and what has finished needs no worker.
        assert workers.epochs_left(JOBS) == 0
        assert as_bytes(workers.run(JOBS, seen)) == as_bytes(expected)
        assert seen.epochs == 11
        kept = [epoch for epoch in (1, 2, 3) if workers.cache.find(JOBS[0].up_to(epoch))]
    assert kept == [3]


@of_each_kind
def test_an_interrupted_run_goes_on_where_it_was(place: Open, data_file: Path, tmp_path: Path) -> None:
    jobs = [make_job(3, seed=1), make_job(60, seed=2)]
    trained: dict[int, int] = {}

    def interrupt(position: int, history: History) -> None:
        trained[position] = len(history)
        if (position, len(history)) == (1, 2):
            raise InterruptedError

    with place(data_file, tmp_path / "jobs") as workers, pytest.raises(InterruptedError):
        workers.run(jobs, interrupt)
    with ThisProcess(data_file, tmp_path / "jobs") as here:
        left = here.epochs_left([job.up_to(3) for job in jobs])
        assert left <= 6 - sum(min(3, epochs) for epochs in trained.values())
        seen = EpochCount()
        results = here.run([job.up_to(3) for job in jobs], seen)
    assert seen.epochs == left
    assert as_bytes(results) == as_bytes([run(job.up_to(3), DATA) for job in jobs])


@of_each_kind
def test_it_goes_on_from_any_epoch_that_is_known(place: Open, data_file: Path, tmp_path: Path) -> None:
    job = make_job(6)
    with place(data_file, tmp_path / "jobs") as workers:
        for stop, left in ((2, 2), (2, 0), (3, 1), (6, 3)):
            seen = EpochCount()
            assert workers.epochs_left([job.up_to(stop)]) == left
            results = workers.run([job.up_to(stop)], seen)
            assert seen.epochs == left
            assert as_bytes(results) == as_bytes([run(job.up_to(stop), DATA)])
        # Ends stay; an epoch on the way goes when the next one is there.
        assert [epoch for epoch in range(1, 7) if workers.cache.find(job.up_to(epoch))] == [2, 3, 6]
        # Damage is noticed, and costs what was damaged.
        workers.cache.path(job).write_bytes(b"damaged")
        seen = EpochCount()
        assert as_bytes(workers.run([job], seen)) == as_bytes([run(job, DATA)])
    assert seen.epochs == 3


@of_each_kind
def test_damaged_data_are_one_line(place: Open, data_file: Path, tmp_path: Path) -> None:
    with place(data_file, tmp_path / "jobs") as workers:
        data_file.write_bytes(b"damaged")
        with pytest.raises(UserError, match=r"training\.safetensors: is damaged"):
            workers.run(JOBS[:1], EpochCount())


def test_data_that_is_not_there_is_said_before_anything_starts(place: Open, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing\.safetensors: cannot be read.*dvc repro prepare"):
        place(tmp_path / "nothing.safetensors", tmp_path / "jobs")
