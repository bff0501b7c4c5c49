"""The job cache never hands out what is not whole, not of this job, or made by other code."""

import ast
import resource
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

import lenet5
from lenet5.sdlm.job import PaperJob
from lenet5.training.cache import JobCache, code_digest
from lenet5.training.job import Epoch, Job, TrainingJob, TrainingResult
from tests.training.made_data import make_job

PACKAGE = Path(lenet5.__file__).parent


def made_result(epochs: int = 1, value: float = 0.0) -> TrainingResult:
    weights, momentum = ({"c5.weight": torch.full((120, 400), value)} for _ in range(2))
    history = tuple(Epoch(0.1, 0.2, 3.0, float(epoch)) for epoch in range(epochs))
    return TrainingResult(weights, momentum, history, torch.arange(5))


@pytest.fixture
def cache(tmp_path: Path) -> JobCache:
    return JobCache(tmp_path / "jobs", "digest of the data")


def stored(cache: JobCache, job: TrainingJob) -> bytes | None:
    found = cache.find(job)
    return save(found.to_tensors()) if found else None


def test_what_is_kept_is_found_and_what_is_forgotten_is_not(cache: JobCache) -> None:
    job, result = make_job(1), made_result()
    assert cache.find(job) is None
    cache.keep(job, result)
    assert stored(cache, job) == save(result.to_tensors())
    assert stored(JobCache(cache.folder, "digest of the data"), job) == save(result.to_tensors())
    cache.forget(job)
    cache.forget(job)
    assert cache.find(job) is None


def test_other_data_and_other_jobs_have_entries_of_their_own(cache: JobCache) -> None:
    cache.keep(make_job(1), made_result())
    assert JobCache(cache.folder, "another digest").find(make_job(1)) is None
    assert cache.find(make_job(1, seed=2)) is None


@pytest.mark.parametrize("length", [0, 1, 8, 100, 5000, -1])
def test_a_truncated_entry_counts_as_none(cache: JobCache, length: int) -> None:
    job = make_job(1)
    cache.keep(job, made_result())
    path = cache.path(job)
    path.write_bytes(path.read_bytes()[:length])
    assert cache.find(job) is None
    cache.keep(job, made_result())
    assert cache.find(job)


def test_a_file_of_something_else_counts_as_none(cache: JobCache) -> None:
    cache.folder.mkdir()
    for content in (b"\0" * 1000, b"\xff" * 1000, save(made_result().to_tensors())):
        cache.path(make_job(1)).write_bytes(content)
        assert cache.find(make_job(1)) is None


def test_a_changed_byte_is_noticed(cache: JobCache) -> None:
    job = make_job(1)
    cache.keep(job, made_result())
    content = bytearray(cache.path(job).read_bytes())
    content[-100_000] ^= 1
    cache.path(job).write_bytes(content)
    assert cache.find(job) is None


def test_an_entry_that_cannot_be_read_counts_as_none(cache: JobCache) -> None:
    job = make_job(1)
    cache.path(job).mkdir(parents=True)
    assert cache.find(job) is None


def test_furthest_is_the_longest_part_up_to_where_the_job_stops(cache: JobCache) -> None:
    job = make_job(6)
    assert cache.furthest(job) is None
    for epochs in (1, 3, 5):
        cache.keep(job, made_result(epochs))
    reached = {stop: cache.furthest(job.up_to(stop)) for stop in (1, 2, 3, 4, 6)}
    assert {stop: found.epochs for stop, found in reached.items() if found} == {1: 1, 2: 1, 3: 3, 4: 3, 6: 5}
    cache.path(job.up_to(5)).write_bytes(b"damaged")
    found = cache.furthest(job)
    assert found and found.epochs == 3
    assert cache.furthest(make_job(7)) is None


def test_two_writers_and_a_reader_never_meet_half_an_entry(cache: JobCache) -> None:
    job = make_job(1)
    possible = {save(made_result(value=value).to_tensors()) for value in (1.0, 2.0)}
    cache.keep(job, made_result(value=1.0))

    def write(value: float) -> None:
        for _ in range(50):
            cache.keep(job, made_result(value=value))

    writers = [threading.Thread(target=write, args=[value]) for value in (1.0, 2.0)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert stored(cache, job) in possible
    assert [path.name for path in cache.folder.iterdir()] == [cache.path(job).name]


@contextmanager
def full_disk(free: int) -> Iterator[None]:
    """No file may grow beyond `free` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_old_entry_and_nothing_else(cache: JobCache) -> None:
    job = make_job(1)
    cache.keep(job, made_result(value=1.0))
    before = stored(cache, job)
    with full_disk(10_000), pytest.raises(OSError):
        cache.keep(job, made_result(value=2.0))
    assert stored(cache, job) == before
    assert len(list(cache.folder.iterdir())) == 1


KINDS = pytest.mark.parametrize("kind, runs", [(TrainingJob, "training/module.py"), (PaperJob, "sdlm/run.py")])


@KINDS
def test_an_edit_of_the_code_that_trains_makes_entries_void(
    kind: type[Job], runs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "lenet5"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(lenet5, "__file__", str(copy / "__init__.py"))
    digests = {code_digest.__wrapped__(kind.CODE)}
    assert digests == {code_digest(kind.CODE)}
    edited = [path for pattern in kind.CODE for path in sorted(copy.glob(pattern))]
    assert copy / runs in edited
    for path in edited:
        path.write_text(path.read_text() + "\n")
        digests.add(code_digest.__wrapped__(kind.CODE))
    assert len(digests) == 1 + len(edited)
    (copy / "report" / "style.py").write_text("")
    assert code_digest.__wrapped__(kind.CODE) in digests


def test_other_arithmetic_makes_entries_void(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MKL_CBWR")
    assert code_digest.__wrapped__(TrainingJob.CODE) != code_digest(TrainingJob.CODE)


def imported_by(path: Path) -> set[Path]:
    """The modules of this package that a module imports by name."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lenet5":
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    candidates = {PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py") for name in names if name != "lenet5"}
    return {candidate for candidate in candidates if candidate.exists()}


@KINDS
def test_all_the_code_that_trains_is_watched(kind: type[Job], runs: str) -> None:
    found, new = set[Path](), {PACKAGE / runs, PACKAGE / "training" / "cache.py"}
    while new:
        found |= new
        new = {module for path in new for module in imported_by(path)} - found
    watched = {path for pattern in kind.CODE for path in PACKAGE.glob(pattern)}
    # What these say about a job, its fingerprint has in full. Of the other kind of job, nothing runs.
    said = ("params.py", "dimensions.py", "hyperparameters.py", "blocks.py", "errors.py", "sdlm/conventions.py")
    unwatched = {PACKAGE / name for name in said} & found
    other = {PACKAGE / name for name in ("training/module.py", "training/optim.py", "data/datamodule.py")} - watched
    assert found - watched - other == unwatched
