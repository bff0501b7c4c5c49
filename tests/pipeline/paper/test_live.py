"""What the training of 1998 shows in MLflow while it runs, and that track makes the same of the files."""

import shutil
import signal
from pathlib import Path

import pytest

from pipeline.live import TRACKED_1998
from pipeline.paper.planned import EXPERIMENT
from tests.mlflow_view import Shown, empty_database, shown
from tests.pipeline.live_stage import (
    PATIENCE_IN_A_CROWD_S,
    end,
    epochs_shown,
    said,
    start_live,
    uri,
    wait_for_epochs,
)
from tests.pipeline.paper.made_experiment import SMALL, run_paper_stage, write_experiment, write_paper_params
from tests.pipeline.paper.made_results import write_comparison

PACKAGE = "pipeline.paper"
ROWS, SEEDS = SMALL["train"]["rows"], SMALL["train"]["seeds"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which train can start, and an empty MLflow."""
    write_experiment(tmp_path)
    run_paper_stage("choose", tmp_path)
    (tmp_path / "mlflow.db").write_bytes(empty_database())
    return tmp_path


def shown_1998(folder: Path) -> dict[str, Shown]:
    return shown(uri(folder), EXPERIMENT)


@pytest.mark.timeout(2 * PATIENCE_IN_A_CROWD_S)
def test_a_killed_training_is_shown_and_goes_on_in_the_same_run(folder: Path) -> None:
    one = {"seeds": [1], "rows": {"lenet5": ROWS["lenet5"]}}
    write_paper_params(folder, schedule={"rates": [0.0001] * 1_000}, train=one)
    sign = folder / TRACKED_1998
    sign.touch()
    stage = start_live("train", folder, PACKAGE)
    wait_for_epochs(stage, folder, 2)
    # DVC is to run track in any case.
    assert not sign.exists()
    assert {run["name"]: run["status"] for run in shown_1998(folder).values()} == {
        "lenet5, mean of 1": "RUNNING",
        "lenet5, seed 1": "RUNNING",
    }
    end(stage, signal.SIGKILL, -signal.SIGKILL)
    assert {run["status"] for run in shown_1998(folder).values()} == {"KILLED"}

    reached = epochs_shown(folder)
    again = start_live("train", folder, PACKAGE)
    wait_for_epochs(again, folder, reached + 1)
    (network,) = [run for run in shown_1998(folder).values() if run["tags"]["kind"] == "network"]
    epochs = [epoch for epoch, _ in network["metrics"]["train/loss"]]
    assert epochs == list(range(1, len(epochs) + 1))
    end(again, signal.SIGTERM, 143)


@pytest.mark.slow
def test_what_was_shown_live_is_what_track_makes_of_the_files(folder: Path) -> None:
    said(start_live("train", folder, PACKAGE))
    live = shown_1998(folder)
    assert {run["status"] for run in live.values()} == {"FINISHED"}
    assert len(live) == len(ROWS) * (1 + len(SEEDS))
    run_paper_stage("evaluate", folder)
    write_comparison(folder, ROWS)
    # The comparison alone is new; each of the others is the run that was there.
    assert f"{len(live) + 1} runs: 1 added, {len(live)} brought up to date" in track(folder)
    completed = shown_1998(folder)
    for before in live.values():
        (after,) = [run for run in completed.values() if run["tags"].get("plan") == before["tags"]["plan"]]
        assert before["params"] == after["params"]
        passes = {epoch for points in before["metrics"].values() for epoch, _ in points}
        for name, points in before["metrics"].items():
            assert [point for point in after["metrics"][name] if point[0] in passes] == points

    (folder / "mlflow.db").write_bytes(empty_database())
    shutil.rmtree(folder / "mlruns")
    track(folder)
    assert shown_1998(folder) == completed


def track(folder: Path) -> str:
    return said(start_live("track", folder, PACKAGE))
