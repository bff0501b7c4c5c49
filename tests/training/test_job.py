"""What a job is called, and its result as tensors."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from safetensors.torch import load, save

from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Row
from lenet5.training.job import Epoch, TrainingJob, TrainingResult
from tests.training.made_data import CHOSEN, RANGES, make_job

CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "network": st.sampled_from(["lenet5", "lenet5-modern"]),
    "head": st.sampled_from(["rbf", "softmax"]),
    "distortions": st.sampled_from([None, RANGES, RANGES.model_copy(update={"original": 0.2})]),
    "patterns": st.sampled_from(["train", "all"]),
    "seed": st.integers(0, 2**32 - 1),
    "epochs": st.integers(1, 40),
    "stop_after": st.integers(1, 40),
    "learning_rate": st.floats(1e-6, 10),
    "momentum": st.floats(0, 0.999),
    "weight_decay": st.floats(0, 1),
    "batch_size": st.integers(1, 60_000),
    "j": st.floats(1e-6, 1000),
    "energy_scale": st.floats(1e-6, 10),
    "c1_maps": st.integers(1, 64),
    "c3_maps": st.integers(1, 256),
    "c5_units": st.integers(1, 2048),
    "f6_units": st.integers(1, 2048),
}


def test_all_fields_are_tried_below() -> None:
    assert CHOICES.keys() == TrainingJob.model_fields.keys() - {"hyperparameters"} | Hyperparameters.model_fields.keys()


@given(st.fixed_dictionaries(CHOICES), st.sampled_from(sorted(CHOICES)), st.data())
def test_jobs_that_differ_in_any_field_have_other_fingerprints(
    fields: dict[str, Any], changed: str, data: st.DataObject
) -> None:
    other = data.draw(CHOICES[changed].filter(lambda value: value != fields[changed]))
    job, changed_job = make_job(**fields), make_job(**fields | {changed: other})
    assert job.fingerprint("here") == make_job(**fields).fingerprint("here")
    assert job.fingerprint("here") != changed_job.fingerprint("here")
    assert job.fingerprint("here") != job.fingerprint("there")


def test_points_of_one_training_differ_in_stop_after_alone() -> None:
    job = make_job(epochs=20)
    assert job.up_to(7).model_dump() == job.model_dump() | {"stop_after": 7}


def test_a_row_says_what_is_trained() -> None:
    row = Row(network="lenet5", head="softmax", distortions=True, paper="lenet5-dist")
    job = TrainingJob.of_row(row, RANGES, CHOSEN, patterns="all", seed=3, epochs=20)
    assert (job.network, job.head, job.distortions, job.stop_after) == ("lenet5", "softmax", RANGES, 20)
    plain = row.model_copy(update={"distortions": False})
    assert TrainingJob.of_row(plain, RANGES, CHOSEN, patterns="all", seed=3, epochs=20).distortions is None


def test_a_job_is_checked_and_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        TrainingJob(**make_job().model_dump() | {"stop_after": 0})
    with pytest.raises(ValidationError):
        make_job().seed = 2  # type: ignore[misc]


def test_a_result_comes_back_from_its_tensors() -> None:
    result = TrainingResult(
        weights={"c1.weight": torch.randn(6, 5, 5)},
        momentum={"c1.weight": torch.randn(6, 5, 5)},
        history=(Epoch(0.01, 1 / 3, 12.34, math.nan), Epoch(0.1, 2 / 3, 1.2, 0.1)),
        validation_predictions=torch.arange(10),
    )
    again = TrainingResult.from_tensors(load(save(result.to_tensors())))
    assert save(again.to_tensors()) == save(result.to_tensors())
    assert again.history[1] == result.history[1]
    assert again.epochs == 2
    assert math.isnan(again.history[0].val_error_pct)
