"""The train stage on a small data set: what it writes, and that nothing but data, params and best.yaml decide it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file

from lenet5.errors import UserError
from lenet5.models.lenet import build
from lenet5.params import load_params
from lenet5.training.job import JobFailure, TrainingResult
from pipeline.files import BEST, MODELS, TEST_DATA, TRAINING_DATA
from pipeline.finished import finished
from pipeline.results import read_history, seed_files
from tests.pipeline.made_inputs import (
    HYPERPARAMETERS,
    PLAIN,
    ROWS,
    contents,
    run_here,
    write_best,
    write_inputs,
    write_small_params,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the training has run; tests must not change it. There is no test set."""
    folder = tmp_path_factory.mktemp("trained")
    write_inputs(folder)
    write_best(folder)
    (folder / TEST_DATA).unlink()
    run_here("train", folder)
    return folder


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(trained, tmp_path / "copy")


def test_every_row_and_seed_has_its_network_and_its_history(trained: Path) -> None:
    params = load_params(trained / "params.yaml")
    for row, by_seed in seed_files(trained / MODELS, params.train).items():
        for seed, path in by_seed.items():
            history = read_history(path)
            assert history.epoch.tolist() == [1, 2]
            assert history.learning_rate[-1] < HYPERPARAMETERS["learning_rate"] / 5
            # It learns: chance is 90 %.
            assert history.train_error_pct[-1] < min(history.train_error_pct[0], 70)
            network = build(params.train.rows[row].network, params.train.rows[row].head, seed=seed)
            network.load_state_dict(load_file(path.with_suffix(".safetensors")))
    names = {path.name for path in (trained / MODELS / "lenet5").iterdir()}
    assert names == {"row.yaml", "seed-1.csv", "seed-1.safetensors", "seed-2.csv", "seed-2.safetensors"}


def test_seeds_and_distortions_make_other_networks(trained: Path) -> None:
    weights = [load_file(path)["c5.weight"] for path in sorted((trained / MODELS).rglob("*.safetensors"))]
    assert len(weights) == 6
    assert len({tensor.numpy().tobytes() for tensor in weights}) == 6
    assert all(torch.isfinite(tensor).all() for tensor in weights)


def test_row_is_described_without_what_does_not_shape_it(trained: Path) -> None:
    described = YAML(typ="safe").load(trained / MODELS / "lenet5-dist" / "row.yaml")
    row = {"network": "lenet5", "head": "rbf", "distortions": True}
    assert described == row | {"epochs": 2, "patterns": 60_000, "hyperparameters": HYPERPARAMETERS}


def test_rows_and_seeds_that_params_no_longer_list_disappear(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = contents(copy, "models")
    write_small_params(copy, train={"seeds": [2], "rows": {"lenet5": PLAIN, "modern": ROWS["modern"]}})
    run_here("train", copy)
    after = contents(copy, "models")
    assert after == {name: before[name] for name in after}
    names = ("row.yaml", "seed-2.csv", "seed-2.safetensors")
    assert sorted(after) == [f"models/{row}/{name}" for row in ("lenet5", "modern") for name in names]
    assert "train: 0 of 0 epochs" in capfd.readouterr().err


def test_order_of_rows_and_seeds_changes_no_byte(copy: Path) -> None:
    before = contents(copy, "models")
    write_small_params(copy, train={"seeds": [2, 1], "rows": dict(reversed(ROWS.items()))})
    shutil.rmtree(copy / ".cache")
    run_here("train", copy)
    assert contents(copy, "models") == before


@pytest.mark.parametrize("harm", ["truncated", "emptied", "another file"])
def test_damaged_entry_of_the_job_cache_is_made_anew(copy: Path, harm: str, capfd: pytest.CaptureFixture[str]) -> None:
    before = contents(copy, "models", ".cache")
    entry, *_ = sorted((copy / ".cache" / "jobs").iterdir())
    content = {"truncated": entry.read_bytes()[:1000], "emptied": b"", "another file": b"0" * 5000}
    entry.write_bytes(content[harm])
    run_here("train", copy)
    assert contents(copy, "models", ".cache") == before
    assert "train: 2 of 2 epochs" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "is missing; `dvc repro search` makes it"),
        ("", "is not what search writes; `dvc repro -f search` makes it anew"),
        ("trial: 1\n", "is not what search writes"),
        ("hyperparameters: {momentum: 0.9}\n", "is not what search writes"),
        ("hyperparameters: [1, 2]\n", "is not what search writes"),
        ("hyperparameters: {momentum: : }\n", "is not what search writes"),
        ("\0", "is not what search writes"),
    ],
)
def test_missing_or_damaged_choice_is_one_line(copy: Path, content: str | None, complaint: str) -> None:
    before = contents(copy, "models")
    (copy / BEST).unlink()
    if content is not None:
        (copy / BEST).write_text(content)
    with pytest.raises(UserError, match=f"^{BEST}: {complaint}") as raised:
        run_here("train", copy)
    assert "\n" not in str(raised.value)
    assert contents(copy, "models") == before


def test_data_that_lack_a_tensor_are_one_line(copy: Path) -> None:
    np.save(copy / "labels.npy", np.zeros(3))
    (copy / "labels.npy").replace(copy / TRAINING_DATA)
    with pytest.raises(UserError, match=rf"^{TRAINING_DATA}: is damaged \(.+\); `dvc repro -f prepare` makes it anew"):
        run_here("train", copy)


def test_a_training_that_cannot_be_run_ends_the_stage_in_one_line_that_names_it() -> None:
    result, failure = TrainingResult({}, {}, ()), JobFailure("LENET5_WORKERS: died 3 times")
    assert finished(["lenet5 seed 1"], [result]) == [result]
    with pytest.raises(UserError, match=r"^lenet5 seed 2: LENET5_WORKERS: died 3 times$"):
        finished(["lenet5 seed 1", "lenet5 seed 2"], [result, failure])
