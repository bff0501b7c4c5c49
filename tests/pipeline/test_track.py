"""The track stage from result files to MLflow, and what it says if it cannot."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pytest
import torch
from ruamel.yaml import YAML

from lenet5.data.patterns import network_input
from lenet5.errors import UserError
from lenet5.evaluation import scores_of
from lenet5.rejection import margins
from lenet5.settings import Settings
from lenet5.tracking.records import RunRecord
from pipeline import track
from pipeline.files import BEST, COMPARISON_CSV, FIGURES, METRICS, MODELS, TRAINING_DATA
from pipeline.live import TRACKED
from pipeline.runs.dvc_lock import LOCK, file_md5
from pipeline.tensors import load_network
from tests.made_networks import images
from tests.mlflow_view import Shown, empty_database, experiment_id, shown
from tests.pipeline.made_results import params_with
from tests.pipeline.made_tracking import write_everything

PARAMS = params_with(seeds=(1,), lenet5={}, dist={"distortions": True, "paper": "lenet5-dist"})


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of results that track has shown in MLflow."""
    folder = tmp_path_factory.mktemp("tracked")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_everything(folder, PARAMS)
        Path("mlflow.db").write_bytes(empty_database())
        run()
        yield folder


@pytest.fixture
def folder(tracked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same results, for a test that changes them; MLflow has none of them."""
    copy = shutil.copytree(tracked, tmp_path / "copy", ignore=shutil.ignore_patterns("mlflow.db*", "mlruns", ".cache"))
    monkeypatch.chdir(copy)
    Path("mlflow.db").write_bytes(empty_database())
    return copy


def run() -> None:
    track.main(PARAMS, Settings(MLFLOW_TRACKING_URI=uri()))


def uri() -> str:
    """Absolute: MLflow goes on using a connection to a URI that it has met in this process."""
    return f"sqlite:///{Path('mlflow.db').absolute()}"


@pytest.fixture(scope="module")
def runs(tracked: Path) -> dict[str, Shown]:
    return shown(f"sqlite:///{tracked}/mlflow.db")


def of_kind(runs: dict[str, Shown], kind: str) -> list[Shown]:
    return [run for run in runs.values() if run["tags"]["kind"] == kind]


def test_each_trained_network_is_a_run_under_its_row(
    runs: dict[str, Shown], tracked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tracked)
    rows = {run["tags"]["row"]: run for run in of_kind(runs, "row")}
    assert rows.keys() == {"lenet5", "dist"}
    assert rows["dist"]["metrics"]["paper/error_pct"] == [(3, 0.95)]
    assert rows["dist"]["artifacts"].keys() == {"figures/errors-dist.png"}
    (network,) = [run for run in of_kind(runs, "network") if run["tags"]["row"] == "dist"]
    assert runs[network["parent"]] == rows["dist"]
    assert (network["name"], network["status"], network["lifecycle"]) == ("dist, seed 1", "FINISHED", "active")
    assert network["metrics"] == {
        "learning_rate": [(1, 0.05), (2, 0.05), (3, 0.05)],
        "train/loss": [(1, 0.5), (2, 0.25), (3, 0.5 / 3)],
        "train/error_pct": [(1, 9.0), (2, 2.25), (3, 1.0)],
        "test/error_pct": [(3, 1.01)],
        "paper/error_pct": [(3, 0.95)],
    }
    expected = {"network": "lenet5", "head": "rbf", "distortions": "true", "seed": "1", "epochs": "3", "j": "5"}
    assert expected.items() <= network["params"].items()
    assert network["params"]["distortions.scale"] == "[0.77, 1.4]"
    weights = MODELS / "dist" / "seed-1.safetensors"
    assert network["tags"][f"dvc.out.{weights}"] == file_md5(weights)
    assert network["tags"][f"dvc.in.{BEST}"] == file_md5(BEST)
    assert [(name, profile, context) for name, _, _, profile, context in network["datasets"]] == [
        ("MNIST test", '{"num_rows": 10000}', "test"),
        ("MNIST training", '{"num_rows": 60000}', "training"),
    ]
    assert network["datasets"][1][1] == file_md5(TRAINING_DATA)


def test_the_study_has_its_trials_below_it(runs: dict[str, Shown]) -> None:
    (study,) = of_kind(runs, "study")
    assert study["metrics"] == {"val/error_pct": [(0, 1.5), (3, 1.25)]}
    tables = {"trials.csv", "best.yaml", "front.csv", "importances.csv"}
    assert study["artifacts"].keys() == tables | {"figures/study.png", "figures/study-rungs.png"}
    trials = sorted(of_kind(runs, "trial"), key=lambda trial: int(trial["tags"]["trial"]))
    assert [trial["status"] for trial in trials] == ["FINISHED", "KILLED", "FAILED", "FINISHED", "KILLED"]
    assert {trial["name"] for trial in trials if "best" in trial["tags"]} == {"trial 03"}
    assert trials[4]["metrics"] == {"val/error_pct": [(1, 3.4), (2, 2.4)]}
    assert trials[4]["params"]["batch_size"] == "128"
    assert trials[2]["metrics"] == {}
    assert all(runs[trial["parent"]] == study for trial in trials)
    assert [(name, profile, context) for name, _, _, profile, context in trials[0]["datasets"]] == [
        ("MNIST training, rest", '{"num_rows": 55000}', "training"),
        ("MNIST validation", '{"num_rows": 5000}', "validation"),
    ]


def test_the_comparison_has_all_figures(runs: dict[str, Shown], tracked: Path) -> None:
    (comparison,) = of_kind(runs, "comparison")
    figures = {f"figures/{path.name}" for path in (tracked / FIGURES).iterdir()}
    assert comparison["artifacts"].keys() == figures | {"comparison.csv", "comparison.md", "metrics.json", "index.html"}
    assert comparison["metrics"]["lenet5/paper/error_pct"] == [(0, 0.95)]
    assert comparison["tags"]["verdict.lenet5"] == "reproduced"
    assert comparison["tags"]["mlflow.note.content"].startswith("# Comparison")


def test_the_logged_network_answers_for_any_number_of_images(tracked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tracked)
    client = mlflow.MlflowClient(uri(), registry_uri=uri())
    experiment = experiment_id(client)
    (model,) = [model for model in client.search_logged_models([experiment]) if model.name == "lenet5-seed-1"]
    greys = images(6)
    network = load_network(PARAMS.train.rows["lenet5"], MODELS / "lenet5/seed-1.safetensors")
    scores = scores_of(network, torch.from_numpy(network_input(greys))).numpy()
    monkeypatch.setattr(sys, "path", sys.path)  # MLflow puts the model's code first, for good
    loaded = mlflow.pyfunc.load_model(model.artifact_location)
    for count in (1, 2, 6):
        found = loaded.predict(greys[:count])
        assert [answer["digit"] for answer in found] == scores[:count].argmax(1).tolist()
        np.testing.assert_allclose([answer["margin"] for answer in found], margins(scores[:count]), rtol=1e-3)
        assert [answer["rubbish"] + sum(answer["probabilities"]) for answer in found] == pytest.approx([1] * count)


def test_the_champion_is_of_the_row_that_the_paper_has_the_smallest_error_for(tracked: Path) -> None:
    address = f"sqlite:///{tracked}/mlflow.db"
    client = mlflow.MlflowClient(address, registry_uri=address)
    champion = client.get_model_version_by_alias("lenet5", "champion")
    run = client.get_run(str(champion.run_id))
    assert run.data.tags["row"] == "dist" and run.outputs
    model = client.get_logged_model(run.outputs.model_outputs[0].model_id)
    assert champion.source == model.artifact_location
    weights = tracked / MODELS / "dist" / "seed-1.safetensors"
    assert champion.tags == {"dvc.md5": file_md5(weights), "comparison": "the first", "promoted": "true"}


def test_again_adds_nothing_and_a_deleted_database_comes_back_the_same(
    tracked: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run()
    champion = "track: dist-seed-1 is the champion of lenet5, version 1: the first\n"
    assert capfd.readouterr() == (f"track: 11 runs: 11 added ({uri()})\n{champion}", "")
    rebuilt, marker = shown(uri()), TRACKED.read_bytes()
    shutil.rmtree("mlruns")
    run()
    assert "track: 11 runs: 6 brought up to date, 5 already there" in capfd.readouterr().out
    assert shown(uri()) == rebuilt
    monkeypatch.chdir(tracked)
    capfd.readouterr()
    run()
    champion = "track: dist-seed-1 is version 1 of lenet5 already\n"
    assert capfd.readouterr() == (f"track: 11 runs: 11 already there ({uri()})\n{champion}", "")
    assert shown(uri()) == rebuilt
    assert TRACKED.read_bytes() == marker


def test_only_changed_results_are_other_runs(folder: Path) -> None:
    before = {run.key: run.content() for run in track.describe_runs(PARAMS)}

    (FIGURES / "errors-dist.png").write_bytes(b"drawn otherwise")
    edit_lock("train", "src/lenet5/training/job.py")
    after = {run.key: run for run in track.describe_runs(PARAMS)}
    assert after.keys() == before.keys()
    changed = {run.name for key, run in after.items() if run.content() != before[key]}
    assert changed == {"dist, mean of 1", "dist, seed 1", "lenet5, seed 1", "comparison"}

    (MODELS / "dist" / "seed-1.safetensors").write_bytes(b"trained otherwise")
    names = {run.name for run in track.describe_runs(PARAMS) if run.key not in before}
    assert names == {"dist, mean of 1", "dist, seed 1", "comparison"}


def test_without_dvc_the_files_themselves_are_hashed(folder: Path) -> None:
    with_lock = {run.key: run.datasets for run in track.describe_runs(PARAMS)}
    LOCK.unlink()
    assert {run.key: run.datasets for run in track.describe_runs(PARAMS)} == with_lock


def test_runs_name_the_version_of_the_code_and_how_to_get_them_again(folder: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
        return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def network() -> RunRecord:
        return next(run for run in track.describe_runs(PARAMS) if run.name == "dist, seed 1")

    git("init", "--quiet")
    git("add", "params.yaml")
    assert "git.commit" not in network().tags
    git("commit", "--quiet", "--message", "The params")
    commit = git("rev-parse", "HEAD")
    # Results are not what results depend on.
    git("add", str(COMPARISON_CSV))
    git("commit", "--quiet", "--message", "The results")
    tags = network().tags
    assert (tags["git.commit"], tags["git.dirty"], tags["mlflow.source.git.commit"]) == (commit, "false", commit)
    assert tags["command"] == f"git checkout {commit[:10]} && dvc repro train"
    told = tags["mlflow.note.content"]
    assert "seed 1, gets **1.01 %** of the test patterns wrong" in told
    assert "row dist: 1.020 % (interval 0.900 to 1.100 %); the paper has 0.95 % (Fig. 9, p. 12): **reproduced**" in told
    assert file_md5(TRAINING_DATA) in told and told.endswith(f"    {tags['command']}\n")
    with Path("params.yaml").open("a") as file:
        file.write("# A remark\n")
    tags = network().tags
    assert (tags["git.commit"], tags["git.dirty"]) == (commit, "true")
    assert "changes to code or params that are not in git" in tags["mlflow.note.content"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (METRICS, None),
        (METRICS, "{"),
        (METRICS, json.dumps({"lenet5": {"seeds": {"seed-1": 1.0}}})),
        (BEST, "[]"),
        (BEST, None),
        (COMPARISON_CSV, "row\nlenet5\n"),
        (MODELS / "dist" / "row.yaml", "epochs: 3\n"),
        (MODELS / "dist" / "seed-1.csv", None),
        (MODELS / "dist" / "seed-1.safetensors", None),
        (LOCK, "stages\n"),
    ],
)
def test_a_missing_or_damaged_result_is_named(path: Path, content: str | None, folder: Path) -> None:
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises((UserError, FileNotFoundError)) as raised:
        run()
    named = str(path) in str(raised.value)
    assert named and "\n" not in str(raised.value)
    assert not TRACKED.exists()


def test_results_of_other_params_are_refused(folder: Path) -> None:
    yaml = YAML()
    params = yaml.load(Path("params.yaml"))
    params["train"]["epochs"] = 2
    yaml.dump(params, Path("params.yaml"))
    with pytest.raises(UserError, match=r"params\.yaml: train was changed since train ran; `dvc repro`"):
        run()


def edit_lock(stage: str, path: str) -> None:
    """As if the stage had been run by another version of the file `path`."""
    yaml = YAML()
    lock = yaml.load(LOCK)
    (entry,) = [entry for entry in lock["stages"][stage]["deps"] if entry["path"] == path]
    entry["md5"] = "0" * 32
    yaml.dump(lock, LOCK)
