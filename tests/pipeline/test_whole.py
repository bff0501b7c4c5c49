"""The whole pipeline as DVC runs it, from a clone to the comparison, and what people do with it afterwards."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.mlflow_view import shown
from tests.pipeline.made_repository import Repository, commit, make_repository

# One repository is made for all; each test works on a copy of its own.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MADE = ("data", "models", "reports", ".cache", ".studies", ".dvc/cache", ".dvc/tmp", "dvc.lock")
"""All that `dvc repro` makes: without it, the folder is a fresh clone of a repository without results."""
IN_GIT = {
    "dvc.lock",
    "reports/comparison.csv",
    "reports/comparison.md",
    "reports/index.html",
    "reports/metrics.json",
    "reports/study/best.yaml",
    "reports/study/front.csv",
    "reports/study/importances.csv",
    "reports/study/trials.csv",
}
YELLOW = """

in_white = training_curves


def training_curves(*arguments):
    figure = in_white(*arguments)
    figure.set_facecolor("yellow")
    return figure
"""
OF_THE_STUDY = ("study", "study-importances", "study-rungs", "study-values")
FIGURES = {
    f"reports/figures/{name}.png" for name in ("confusion", "curves", "errors-dist", "errors-lenet5", *OF_THE_STUDY)
}


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository after `dvc repro` with one worker; tests must not change it."""
    repository = make_repository(tmp_path_factory.mktemp("whole"))
    repository.dvc("repro", LENET5_WORKERS="1")
    return repository


@pytest.fixture
def copy(reproduced: Repository, tmp_path: Path) -> Repository:
    """A copy that a test may change; its results are in git."""
    copied = reproduced.copied_to(tmp_path / "copy")
    commit(copied, "The results")
    return copied


def stages_run(said: str) -> list[str]:
    """The stages whose commands DVC ran."""
    return [line.split("'")[1] for line in said.splitlines() if line.startswith("Running stage '")]


def test_results_that_people_look_at_are_in_git_and_nothing_else_is_new(reproduced: Repository) -> None:
    assert reproduced.changed_files() == IN_GIT | FIGURES


def test_nothing_is_left_to_do(reproduced: Repository) -> None:
    said = reproduced.dvc("repro")
    assert stages_run(said) == []
    assert "Data and pipelines are up to date." in said
    assert "Data and pipelines are up to date." in reproduced.dvc("status", "dvc.yaml")  # not the paper's


def test_mlflow_has_every_run(reproduced: Repository) -> None:
    with sqlite3.connect(reproduced.environment["MLFLOW_TRACKING_URI"].removeprefix("sqlite:///")) as database:
        found = database.execute(
            "SELECT value, count(*) FROM tags JOIN runs USING (run_uuid)"
            " WHERE key = 'kind' AND status IN ('FINISHED', 'KILLED') GROUP BY value"
        )
        # Other tests add runs of other epochs, never more trials.
        counts = dict(found.fetchall())
    assert (counts["study"], counts["trial"]) == (1, 4)
    assert counts["row"] >= 2
    assert counts["network"] >= 4
    assert counts["comparison"] >= 1


def test_two_at_once_and_other_workers_end_with_the_same_lock(reproduced: Repository, tmp_path: Path) -> None:
    clone = reproduced.copied_to(tmp_path / "clone")
    for name in MADE:
        path = clone.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    first = clone.start("dvc", "repro", LENET5_WORKERS="2")
    assert first.stdout
    while "Running stage 'search'" not in first.stdout.readline():
        assert first.poll() is None
    second = clone.start("dvc", "repro")
    refused, _ = second.communicate()
    said, _ = first.communicate()
    assert first.returncode == 0, said
    assert second.returncode != 0
    assert "is busy, it is being blocked by:" in refused
    assert stages_run(clone.dvc("repro")) == []
    assert clone.read("dvc.lock") == reproduced.read("dvc.lock")
    assert clone.changed_files() == IN_GIT | FIGURES


def test_editing_a_figure_runs_compare_and_track_alone(copy: Repository) -> None:
    curves = copy.folder / "src" / "lenet5" / "report" / "curves.py"
    curves.write_text(curves.read_text() + YELLOW)
    assert stages_run(copy.dvc("repro")) == ["compare", "track"]
    shown = {"reports/figures/curves.png", "reports/index.html"}
    assert copy.changed_files() == {"dvc.lock", "src/lenet5/report/curves.py"} | shown


def test_an_experiment_can_be_compared_with_what_is_in_git(copy: Repository) -> None:
    said = copy.dvc("exp", "run", "--set-param", "train.epochs=2", LENET5_WORKERS="0")
    assert stages_run(said) == ["train", "evaluate", "compare", "track"]
    changed = copy.dvc("metrics", "diff", "--md")
    assert "lenet5.error_pct" in changed
    assert "lenet5.seeds.seed-1" in changed
    assert {"params.yaml", "reports/metrics.json", "dvc.lock"} <= copy.changed_files()


def test_metrics_and_plots_are_shown(copy: Repository) -> None:
    metrics = copy.dvc("metrics", "show", "--md")
    assert all(f"{row}.error_pct" in metrics for row in ("lenet5", "dist"))
    page = copy.dvc("plots", "show").strip().removeprefix("file://")
    shown = Path(page).read_text()
    assert "Validation error of the trials" in shown
    assert all(Path(figure).stem in shown for figure in FIGURES)
    assert copy.changed_files() == set()


def test_a_fresh_clone_and_results_from_the_run_cache_fill_mlflow(copy: Repository, tmp_path: Path) -> None:
    copy.dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    commit(copy, "Where the files are kept")
    copy.dvc("push")
    here, there, cached = (f"sqlite:///{tmp_path / name}/mlflow.db" for name in ("here", "there", "cached"))
    copy.run("python", "-m", "pipeline", "track", MLFLOW_TRACKING_URI=here)

    clone = Repository(tmp_path / "clone", copy.environment)
    copy.run("git", "clone", "--quiet", str(copy.folder), str(clone.folder))
    clone.dvc("pull", "--allow-missing")
    assert stages_run(clone.dvc("repro", MLFLOW_TRACKING_URI=there)) == ["track"]
    assert shown(there) == shown(here)
    assert stages_run(clone.dvc("repro", MLFLOW_TRACKING_URI=there)) == []

    # Other params and back: DVC has the networks of both, so that no stage trains that could have told MLflow.
    params = copy.read("params.yaml")
    (copy.folder / "params.yaml").write_text(re.sub(r"\bepochs: 1\b", "epochs: 2", params))
    assert "train" in stages_run(copy.dvc("repro", MLFLOW_TRACKING_URI=here))
    (copy.folder / "params.yaml").write_text(params)
    run_again = stages_run(copy.dvc("repro", MLFLOW_TRACKING_URI=cached))
    assert "train" not in run_again and run_again[-1] == "track"
    assert shown(cached) == shown(there)
