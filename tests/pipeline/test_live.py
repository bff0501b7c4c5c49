"""What stages show in MLflow while they run, and that nothing which MLflow does changes or holds up a training."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.files import JOB_CACHE, MODELS
from pipeline.live import TRACKED
from tests.mlflow_server import serving
from tests.mlflow_view import Shown, empty_database, shown
from tests.patience import SOON_S, soon
from tests.pipeline.live_stage import (
    PATIENCE_IN_A_CROWD_S,
    end,
    epochs_shown,
    said,
    start_live,
    uri,
    wait_for_epochs,
)
from tests.pipeline.made_inputs import PLAIN, contents, run_here, write_best, write_inputs
from tests.pipeline.stage import start

LONG: dict[str, dict[str, Any]] = {"train": {"epochs": 1_000, "seeds": [1], "rows": {"lenet5": PLAIN}}}
SHORT: dict[str, dict[str, Any]] = {"train": {"epochs": 3, "seeds": [1], "rows": {"lenet5": PLAIN}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which train can start, and an empty MLflow."""
    write_inputs(tmp_path, **LONG)
    write_best(tmp_path)
    (tmp_path / "mlflow.db").write_bytes(empty_database())
    return tmp_path


def network(folder: Path) -> Shown:
    """The run of the one network."""
    (run,) = [run for run in shown(uri(folder)).values() if run["tags"]["kind"] == "network"]
    return run


@pytest.mark.timeout(2 * PATIENCE_IN_A_CROWD_S)
@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (signal.SIGTERM, 143),
        (signal.SIGKILL, -signal.SIGKILL),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
    ],
)
def test_a_stopped_training_is_shown_and_goes_on_in_the_same_run(stop: signal.Signals, code: int, folder: Path) -> None:
    sign = folder / TRACKED
    sign.parent.mkdir()
    sign.touch()
    stage = start_live("train", folder)
    wait_for_epochs(stage, folder, 2)
    # DVC is to run track in any case.
    assert not sign.exists()
    run = network(folder)
    assert (run["name"], run["status"]) == ("lenet5, seed 1", "RUNNING")
    end(stage, stop, code)
    assert network(folder)["status"] == "KILLED"

    reached = epochs_shown(folder)
    again = start_live("train", folder)
    wait_for_epochs(again, folder, reached + 1)
    run = network(folder)
    assert run["status"] == "RUNNING"
    epochs = [epoch for epoch, _ in run["metrics"]["train/loss"]]
    assert epochs == list(range(1, len(epochs) + 1))
    end(again, signal.SIGTERM, 143)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a short train stage writes with no live view."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_inputs(folder, **SHORT)
    write_best(folder)
    said(start("train", folder, LENET5_LIVE="0", LENET5_WORKERS="0"))
    return contents(folder, str(MODELS))


@contextmanager
def nothing(_folder: Path) -> Iterator[str]:
    yield "http://127.0.0.1:1"


@contextmanager
def read_only(folder: Path) -> Iterator[str]:
    (folder / "mlflow.db").write_bytes(empty_database())
    yield f"sqlite:///file:{folder}/mlflow.db?mode=ro&uri=true"


@contextmanager
def broken(folder: Path) -> Iterator[str]:
    (folder / "mlflow.db").write_text("This is no database. " * 100)
    yield uri(folder)


@contextmanager
def failing(_folder: Path) -> Iterator[str]:
    with serving(500) as address:
        yield address


@contextmanager
def slow(_folder: Path) -> Iterator[str]:
    with serving(500, delay_s=2 * SOON_S) as address:
        yield address


@pytest.mark.parametrize(
    "trouble", [nothing, slow, *(pytest.param(each, marks=pytest.mark.slow) for each in (read_only, broken, failing))]
)
def test_trouble_with_mlflow_is_one_line_and_costs_no_time_and_no_bit(
    trouble: Any, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    write_inputs(tmp_path, **SHORT)
    write_best(tmp_path)
    with trouble(tmp_path) as address, soon():
        stage = start("train", tmp_path, MLFLOW_TRACKING_URI=address, LENET5_LIVE="1", LENET5_WORKERS="0")
        _, heard = stage.communicate()
    assert stage.returncode == 0
    assert contents(tmp_path, str(MODELS)) == undisturbed
    assert heard.count("MLflow") == 1
    (line,) = [line for line in heard.splitlines() if "MLflow" in line]
    assert line.startswith("train: MLflow") and line.endswith("no result suffers, and track will show them")


def test_a_stage_that_trains_nothing_shows_nothing(folder: Path) -> None:
    write_inputs(folder, **SHORT)
    run_here("train", folder)
    assert (folder / JOB_CACHE).is_dir()
    shutil.rmtree(folder / MODELS)
    (folder / TRACKED).touch()
    stage = start_live("train", folder)
    assert "MLflow" not in stage.communicate()[1]
    assert stage.returncode == 0
    assert epochs_shown(folder) == 0
    assert (folder / TRACKED).exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_stages_showed_live_is_what_track_makes_of_their_files(tmp_path: Path) -> None:
    write_inputs(tmp_path, search={"rungs": [1, 3]}, train={"epochs": 3})
    (tmp_path / "mlflow.db").write_bytes(empty_database())
    for name in ("search", "train"):
        said(start_live(name, tmp_path))
    live = {run["name"]: run for run in shown(uri(tmp_path)).values()}
    assert {run["status"] for run in live.values()} == {"FINISHED", "KILLED"}
    for name in ("evaluate", "compare"):
        said(start(name, tmp_path))
    # The comparison alone is new; each of the others is the run that was there.
    assert f"{len(live) + 1} runs: 1 added, {len(live)} brought up to date" in said(start("track", tmp_path))
    completed = shown(uri(tmp_path))
    for name, before in live.items():
        (after,) = [run for run in completed.values() if run["tags"].get("plan") == before["tags"]["plan"]]
        assert before["metrics"].items() <= after["metrics"].items(), name
        assert before["status"] == after["status"], name

    (tmp_path / "mlflow.db").write_bytes(empty_database())
    shutil.rmtree(tmp_path / "mlruns")
    said(start("track", tmp_path))
    assert shown(uri(tmp_path)) == completed
