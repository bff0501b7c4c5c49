"""The stages of the 1998 experiment on a small data set: what they write, and what decides it."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from safetensors.numpy import load_file, save_file

from lenet5.errors import UserError
from pipeline.files import JOB_CACHE, TEST_DATA, TRAINING_DATA
from pipeline.paper.files import CHOICES, CHOSEN, CURVES, METRICS, MODELS, PREDICTIONS, RATES
from pipeline.results import read_misclassified, read_predictions
from tests.pipeline.made_inputs import contents
from tests.pipeline.paper.made_experiment import SMALL, run_paper_stage, write_experiment, write_paper_params
from tests.pipeline.stage import ROOT

ROWS, SEEDS = list(SMALL["train"]["rows"]), SMALL["train"]["seeds"]
WRITTEN = tuple(map(str, (CHOICES, RATES, CHOSEN, MODELS, PREDICTIONS, CURVES, METRICS)))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all stages have run; tests must not change it. Only evaluate had a test set."""
    folder = tmp_path_factory.mktemp("1998")
    write_experiment(folder)
    test_set = (folder / TEST_DATA).read_bytes()
    (folder / TEST_DATA).unlink()
    run_paper_stage("choose", folder)
    run_paper_stage("train", folder)
    (folder / TEST_DATA).write_bytes(test_set)
    (folder / TRAINING_DATA).rename(folder / "put-away")
    run_paper_stage("evaluate", folder)
    (folder / "put-away").rename(folder / TRAINING_DATA)
    return folder


@pytest.fixture
def copy(done: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(done, tmp_path / "copy")


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_candidate_is_tried_with_every_seed(done: Path) -> None:
    tried = [(line["question"], line["choice"], int(line["seed"])) for line in lines(done / CHOICES)]
    candidates = [("", "first guess"), ("initial weights", "initial_weights fan-in"), ("order", "order anew")]
    assert tried == [(question, choice, seed) for question, choice in candidates for seed in SEEDS]
    for line in lines(done / CHOICES):
        of_this = [
            each for each in lines(done / RATES) if (each["choice"], each["seed"]) == (line["choice"], line["seed"])
        ]
        assert len(of_this) == 12
        assert min(float(each["lowest_rate"]) for each in of_this) == float(line["lowest_rate"])
        assert max(float(each["highest_rate"]) for each in of_this) == float(line["highest_rate"])


def test_the_best_on_validation_patterns_is_chosen_but_not_what_the_paper_contradicts(done: Path) -> None:
    chosen = YAML(typ="safe").load(done / CHOSEN)
    errors: dict[str, list[float]] = {}
    for line in lines(done / CHOICES):
        if line["stated"] == "False":
            errors.setdefault(line["choice"], []).append(float(line["val_error_pct"]))
    means = {choice: sum(found) / len(found) for choice, found in errors.items()}
    assert chosen["choice"] == min(means, key=lambda choice: means[choice])
    assert chosen["val_error_pct"] == pytest.approx(means[chosen["choice"]], abs=1e-4)


def test_every_row_and_seed_has_its_weights_after_each_pass(done: Path) -> None:
    for row in ROWS:
        for seed in SEEDS:
            weights = load_file(done / MODELS / row / f"seed-{seed}.safetensors")
            assert {len(tensor) for tensor in weights.values()} == {2}
            assert sum(tensor[0].size for tensor in weights.values()) == 60_000
            history = lines(done / MODELS / row / f"seed-{seed}.csv")
            assert [(line["pass"], float(line["eta"])) for line in history] == [("1", 0.0005), ("2", 0.0002)]


def test_predictions_are_those_after_the_last_pass(done: Path) -> None:
    labels = load_file(done / TEST_DATA)["labels"]
    metrics = json.loads((done / METRICS).read_text())
    by_pass = {
        (line["row"], line["seed"], line["pass"]): float(line["test_error_pct"]) for line in lines(done / CURVES)
    }
    for row in ROWS:
        for seed in SEEDS:
            found = read_predictions(done / PREDICTIONS / row / f"seed-{seed}.csv")
            assert np.array_equal(found.label, labels)
            wrong_pct = 100 * float((found.predicted != labels).mean())
            assert by_pass[row, str(seed), "2"] == pytest.approx(wrong_pct, abs=1e-3)
            assert metrics[row]["seeds"][f"seed-{seed}"] == pytest.approx(wrong_pct, abs=1e-3)
        first = read_predictions(done / PREDICTIONS / row / "seed-1.csv")
        assert len(read_misclassified(done / PREDICTIONS / row / "errors.safetensors", first).index)


def test_the_test_set_is_asked_for_the_plotted_curve_alone(done: Path) -> None:
    passes = {row: sorted({line["pass"] for line in lines(done / CURVES) if line["row"] == row}) for row in ROWS}
    assert passes == {"lenet5": ["1", "2"], "lenet5-15k": ["2"], "lenet5-dist": ["2"]}


def test_any_number_of_workers_and_a_lost_cache_give_the_same_bytes(done: Path, copy: Path) -> None:
    shutil.rmtree(copy / JOB_CACHE)
    for stage in ("choose", "train", "evaluate"):
        run_paper_stage(stage, copy, workers=2)
    assert contents(copy, *WRITTEN) == contents(done, *WRITTEN)


def test_a_longer_schedule_goes_on_from_what_is_known(copy: Path) -> None:
    before = {path.name for path in (copy / JOB_CACHE).iterdir()}
    write_paper_params(copy, train={"seeds": [1, 2, 3]})
    run_paper_stage("train", copy)
    new = {path.name for path in (copy / JOB_CACHE).iterdir()} - before
    assert len(new) == len(ROWS)


def started(folder: Path, stage: str) -> subprocess.CompletedProcess[str]:
    """A stage as a person starts it."""
    paths = {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "LENET5_WORKERS": "0"}
    command = [sys.executable, "-m", "pipeline.paper", stage]
    return subprocess.run(command, cwd=folder, env=os.environ | paths, capture_output=True, text=True)


def remove_chosen(folder: Path) -> None:
    (folder / CHOSEN).unlink()


def damage_chosen(folder: Path) -> None:
    (folder / CHOSEN).write_text("conventions: {j: yes}\n")


@pytest.mark.parametrize(
    "damage, says",
    [
        (remove_chosen, f"train: {CHOSEN}: is missing; `make paper` makes it\n"),
        (damage_chosen, f"train: {CHOSEN}: is not what choose writes; remove it, and `make paper` makes it anew\n"),
        (
            lambda folder: write_paper_params(folder, schedule={"mu": -1.0}),
            "train: pipeline/paper/params.yaml: schedule.mu: Input should be greater than 0 (found -1.0)\n",
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(copy: Path, damage: Callable[[Path], None], says: str) -> None:
    damage(copy)
    before = contents(copy, str(MODELS))
    done = started(copy, "train")
    assert (done.returncode, done.stderr) == (1, says)
    assert contents(copy, str(MODELS)) == before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def fewer_passes_in_the_history(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))


def other_shapes(path: Path) -> None:
    save_file({name: tensor[..., :1] for name, tensor in load_file(path).items()}, path)


@pytest.mark.parametrize(
    "damage, file",
    [
        (cut, "seed-2.safetensors"),
        (other_shapes, "seed-2.safetensors"),
        (Path.unlink, "seed-1.safetensors"),
        (Path.unlink, "seed-1.csv"),
        (fewer_passes_in_the_history, "seed-1.csv"),
    ],
)
def test_damaged_weights_are_named_and_nothing_is_lost(copy: Path, damage: Callable[[Path], None], file: str) -> None:
    before = contents(copy, str(PREDICTIONS), str(CURVES), str(METRICS))
    damage(copy / MODELS / "lenet5" / file)
    with pytest.raises(UserError, match=rf"^{MODELS}/lenet5/{file}: ") as refusal:
        run_paper_stage("evaluate", copy)
    assert "\n" not in str(refusal.value)
    assert contents(copy, str(PREDICTIONS), str(CURVES), str(METRICS)) == before
