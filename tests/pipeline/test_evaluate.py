"""The evaluate stage on a small data set: what it writes, and how it refuses what it cannot use."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lenet5.errors import UserError
from lenet5.params import load_params
from pipeline.files import METRICS, MODELS, PREDICTIONS, TEST_DATA, TRAINING_DATA
from pipeline.results import read_misclassified, read_predictions, seed_files
from tests.pipeline.made_inputs import (
    PLAIN,
    ROWS,
    TEST,
    contents,
    run_here,
    write_best,
    write_inputs,
    write_prepared,
    write_small_params,
)

WEIGHTS = MODELS / "lenet5-dist" / "seed-2.safetensors"


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which networks were trained, for one epoch, and evaluated; tests must not change it."""
    folder = tmp_path_factory.mktemp("evaluated")
    write_inputs(folder, train={"epochs": 1})
    write_best(folder)
    run_here("train", folder)
    (folder / TRAINING_DATA).unlink()
    run_here("evaluate", folder)
    return folder


@pytest.fixture
def copy(evaluated: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(evaluated, tmp_path / "copy")


def test_predictions_are_those_of_the_test_set(evaluated: Path) -> None:
    params, test = load_params(evaluated / "params.yaml"), load_file(evaluated / TEST_DATA)
    for row, by_seed in seed_files(evaluated / PREDICTIONS, params.train).items():
        predictions = {seed: read_predictions(path) for seed, path in by_seed.items()}
        assert all(np.array_equal(found.label, test["labels"]) for found in predictions.values())
        wrong = read_misclassified(evaluated / PREDICTIONS / row / "errors.safetensors", predictions[1])
        assert np.array_equal(wrong.images, test["images"][wrong.index])
        assert len(wrong.index) > 4  # of the ten that bear a wrong label


def test_metrics_agree_with_the_predictions(evaluated: Path) -> None:
    metrics = json.loads((evaluated / METRICS).read_text())
    files = seed_files(evaluated / PREDICTIONS, load_params(evaluated / "params.yaml").train)
    assert list(metrics) == list(ROWS)
    for row, by_seed in files.items():
        predictions = {seed: read_predictions(path) for seed, path in by_seed.items()}
        errors = {seed: 100 * float((found.predicted != found.label).mean()) for seed, found in predictions.items()}
        found = metrics[row]
        assert found["seeds"] == {f"seed-{seed}": pytest.approx(error) for seed, error in errors.items()}
        assert found["error_pct"] == pytest.approx(np.mean(list(errors.values())))
        assert found["std_pct"] == pytest.approx(np.std(list(errors.values()), ddof=1), abs=1e-4)
        assert 0 <= found["ci_low_pct"] <= found["error_pct"] <= found["ci_high_pct"] <= 100
        confusion = np.array(found["confusion"])
        assert confusion.sum(axis=1).tolist() == [2 * TEST / 10] * 10
        assert 100 * (1 - confusion.trace() / confusion.sum()) == pytest.approx(found["error_pct"])


def test_running_again_gives_the_same_bytes_and_drops_rows_no_longer_listed(copy: Path) -> None:
    before = contents(copy, "reports")
    run_here("evaluate", copy)
    assert contents(copy, "reports") == before
    write_small_params(copy, train={"epochs": 1, "seeds": [2], "rows": {"lenet5": PLAIN}})
    run_here("evaluate", copy)
    assert sorted(contents(copy, "reports/predictions")) == [
        "reports/predictions/lenet5/errors.safetensors",
        "reports/predictions/lenet5/seed-2.csv",
    ]
    metrics = json.loads((copy / METRICS).read_text())
    assert (list(metrics), metrics["lenet5"]["std_pct"]) == (["lenet5"], None)


def test_a_network_of_other_sizes_is_rebuilt_in_them(copy: Path) -> None:
    write_best(copy, c1_maps=3, c3_maps=5, c5_units=20)
    write_prepared(copy)
    run_here("train", copy)
    run_here("evaluate", copy)
    weights = load_file(copy / WEIGHTS)
    assert (weights["c1.bias"].shape, weights["c3.bias"].shape, weights["c5.bias"].shape) == ((3,), (5,), (20,))
    (copy / MODELS / "lenet5-dist" / "row.yaml").unlink()
    with pytest.raises(UserError, match=r"row\.yaml: is missing; `dvc repro train` makes it"):
        run_here("evaluate", copy)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def overwrite_header(path: Path) -> None:
    path.write_bytes(b"\xff" * 8 + path.read_bytes()[8:])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def another_network(path: Path) -> None:
    shutil.copy(path.parents[1] / "modern" / path.name, path)


HARMS = [truncate, overwrite_header, empty, another_network, Path.unlink]


@pytest.mark.parametrize("harm", HARMS)
def test_weights_that_cannot_be_used_are_one_line(copy: Path, harm: Callable[[Path], None]) -> None:
    before = contents(copy, "reports")
    harm(copy / WEIGHTS)
    with pytest.raises(UserError, match=rf"^{WEIGHTS}: not the weights of a lenet5 \(.+\); `dvc repro") as raised:
        run_here("evaluate", copy)
    assert "\n" not in str(raised.value)
    assert contents(copy, "reports") == before


@pytest.mark.parametrize("harm", [truncate, overwrite_header, empty])
def test_damaged_test_data_are_one_line(copy: Path, harm: Callable[[Path], None]) -> None:
    before = contents(copy, "reports")
    harm(copy / TEST_DATA)
    with pytest.raises(UserError, match=rf"^{TEST_DATA}: is damaged \(.+\); `dvc repro -f prepare` makes it anew$"):
        run_here("evaluate", copy)
    assert contents(copy, "reports") == before


def test_missing_test_data_are_one_line(copy: Path) -> None:
    (copy / TEST_DATA).unlink()
    with pytest.raises(UserError, match=rf"^{TEST_DATA}: cannot be read \(.+\); `dvc repro prepare` makes it$"):
        run_here("evaluate", copy)
