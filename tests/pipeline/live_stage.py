"""Stages that show in MLflow what they train, and what is seen of it meanwhile."""

import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.pipeline.stage import start
from tests.processes import children_of, command_of, parent_of, wait_until

PATIENCE_IN_A_CROWD_S = 150
"""MLflow takes four seconds to import where nothing else runs."""


def start_live(stage: str, folder: Path, package: str = "pipeline") -> "subprocess.Popen[str]":
    return start(stage, folder, package=package, LENET5_LIVE="1", LENET5_WORKERS="1")


def uri(folder: Path) -> str:
    return f"sqlite:///{folder}/mlflow.db"


def epochs_shown(folder: Path) -> int:
    """The last epoch that MLflow has of the networks; asked past MLflow, which would take a core."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        (epoch,) = database.execute("SELECT max(step) FROM metrics WHERE key = 'train/loss'").fetchone()
    return epoch or 0


def wait_for_epochs(stage: "subprocess.Popen[str]", folder: Path, epochs: int) -> None:
    """Wait until so many are shown of a stage that runs."""
    assert wait_until(lambda: epochs_shown(folder) >= epochs or stage.poll() is not None, PATIENCE_IN_A_CROWD_S)
    assert stage.poll() is None, stage.communicate()[1]


def end(stage: "subprocess.Popen[str]", stop: signal.Signals, code: int) -> None:
    """Stop a stage, and wait until the process has ended that shows it."""
    shows = [child for child in children_of(stage.pid) if ".live" in command_of(child)]
    assert len(shows) == 1
    stage.send_signal(stop)
    assert "Traceback" not in stage.communicate()[1]
    assert stage.returncode == code
    assert wait_until(lambda: parent_of(shows[0]) is None, PATIENCE_IN_A_CROWD_S)


def said(stage: "subprocess.Popen[str]") -> str:
    """What a stage says; it must succeed."""
    out, err = stage.communicate()
    assert stage.returncode == 0, err
    return out
