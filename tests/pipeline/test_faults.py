"""What may happen to a stage that trains: it is stopped, killed, edited under its feet, or the disk fills up."""

import re
import resource
import shutil
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from lenet5.errors import UserError
from pipeline.__main__ import main
from pipeline.files import BEST, JOB_CACHE, TEST_DATA
from pipeline.progress import Progress
from tests.pipeline.made_inputs import PLAIN, contents, run_here, write_best, write_inputs
from tests.pipeline.stage import start

# Long enough to be stopped in the middle; some seconds in all.
LONG: dict[str, dict[str, Any]] = {
    "search": {"trials": 6, "round_size": 3, "rungs": [2, 4], "startup_trials": 2},
    "train": {"epochs": 8, "seeds": [1, 2], "rows": {"lenet5": PLAIN, "dist": PLAIN | {"distortions": True}}},
}
EPOCHS = {"search": 2 * (3 * 2 + 2 * 2), "train": 2 * 2 * 8}
OUTPUTS = {"search": "reports", "train": "models"}


def write_long(folder: Path, stage: str) -> None:
    write_inputs(folder, **LONG)
    (folder / TEST_DATA).unlink()
    if stage == "train":
        write_best(folder)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """What each stage writes if it is left alone, without worker processes."""
    outputs = {}
    for stage in LONG:
        folder = tmp_path_factory.mktemp(stage)
        write_long(folder, stage)
        run_here(stage, folder)
        outputs[stage] = contents(folder, OUTPUTS[stage])
    return outputs


@pytest.mark.parametrize(
    ("stage", "workers", "stop"),
    [
        ("search", 2, signal.SIGKILL),
        ("train", 1, signal.SIGTERM),
        ("train", 0, signal.SIGTERM),
    ],
)
def test_stopped_stage_goes_on_where_it_was_on_any_workers(
    stage: str,
    workers: int,
    stop: signal.Signals,
    undisturbed: dict[str, dict[str, bytes]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    write_long(tmp_path, stage)
    before = contents(tmp_path, "reports", "data")
    code, complaints = stopped(stage, tmp_path, workers, stop)
    # Lightning 2.6.6 by itself makes a SIGTERM an exit of 0 (Lightning-AI/pytorch-lightning#19916).
    assert code == {signal.SIGKILL: -9, signal.SIGTERM: 143}[stop]
    assert "Traceback" not in complaints
    assert contents(tmp_path, "reports", "data") | contents(tmp_path, "models") == before
    kept = entries(tmp_path)
    assert kept

    run_here(stage, tmp_path)
    assert contents(tmp_path, OUTPUTS[stage]) == undisturbed[stage]
    # What was done is not done again: each entry is still the file that it was.
    assert kept.items() <= entries(tmp_path).items()
    done, total = epochs_told(capfd.readouterr().err)
    assert done == total < EPOCHS[stage]


def stopped(stage: str, folder: Path, workers: int, stop: signal.Signals) -> tuple[int, str]:
    """Start `stage`, stop it once the first job is in the cache, and make sure that no process of it is left."""
    mark = uuid.uuid4().hex
    process = start(stage, folder, LENET5_WORKERS=str(workers), MARK=mark)
    wait_for(lambda: entries(folder) or process.poll() is not None)
    process.send_signal(stop)
    _, complaints = process.communicate(timeout=60)
    # After SIGKILL the workers must notice by themselves.
    wait_for(lambda: not processes_with(mark), patience_s=60 if stop == signal.SIGKILL else 0)
    return process.returncode, complaints


def entries(folder: Path) -> dict[str, int]:
    """The finished entries of the job cache, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / JOB_CACHE).glob("*.job")}


def processes_with(mark: str) -> list[str]:
    """The processes whose environment has this mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is not ours
            found += [path.parent.name] if mark.encode() in path.read_bytes() else []
    return found


def wait_for(condition: Callable[[], object], patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def epochs_told(text: str) -> tuple[int, int]:
    """How many epochs the stage's last line says were trained, and of how many."""
    done, total = re.findall(r"(\d+) of (\d+) epochs", text)[-1]
    return int(done), int(total)


def test_code_edited_while_it_runs_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_long(tmp_path, "search")
    # As if the coordinator had read the code before the edit, and its workers after it.
    monkeypatch.setattr("lenet5.workers.processes.code_digest", lambda _: "of the code before")
    with pytest.raises(UserError, match=r"^src/lenet5: was edited while it ran, .+; run it again$"):
        run_here("search", tmp_path, workers=1)
    assert not (tmp_path / BEST).exists()


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes; to a program that is the same as a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def as_a_command(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Path], int]]:
    """Runs a stage in this process through its command, whose signal handler is taken back afterwards."""
    before = signal.getsignal(signal.SIGTERM)

    def run(stage: str, folder: Path) -> int:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("LENET5_WORKERS", "0")
        return main([stage])

    yield run
    signal.signal(signal.SIGTERM, before)


def test_ctrl_c_while_it_trains_is_one_line(
    tmp_path: Path,
    as_a_command: Callable[[str, Path], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(_progress: Progress) -> None:
        raise KeyboardInterrupt

    write_inputs(tmp_path)
    write_best(tmp_path)
    monkeypatch.setattr(Progress, "advance", interrupt)
    assert as_a_command("train", tmp_path) == 130
    assert capsys.readouterr().err.splitlines()[-1].startswith("train: stopped; what had finished is kept")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# The study's database has 200 kB from the start; an entry of the job cache 480 kB, weights 240 kB.
@pytest.mark.parametrize(
    ("stage", "size", "named"),
    [
        ("search", 50_000, "OPTUNA_STORAGE"),
        ("search", 300_000, r"\.cache/jobs/\w+\.job"),
        ("train", 100_000, r"\.cache/jobs/\w+\.job"),
        ("evaluate", 5_000, "reports/predictions"),
    ],
)
def test_full_disk_is_one_line_and_loses_nothing(
    stage: str,
    size: int,
    named: str,
    tmp_path: Path,
    as_a_command: Callable[[str, Path], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_inputs(tmp_path, train={"epochs": 1, "seeds": [1], "rows": {"lenet5": PLAIN}})
    write_best(tmp_path)
    run_here("train", tmp_path)
    if stage != "evaluate":
        shutil.rmtree(tmp_path / JOB_CACHE)
    before = contents(tmp_path, "models", "reports")
    capsys.readouterr()
    with small_disk(size):
        assert as_a_command(stage, tmp_path) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if "epochs" not in line]
    assert len(said) == 1
    assert re.match(rf"^{stage}: {named}: .*", said[0])
    assert contents(tmp_path, "models", "reports") == before
    assert as_a_command(stage, tmp_path) == 0
