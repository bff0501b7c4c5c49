"""A training is a function of its job and data alone, wherever it is stopped, and its record is right."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from lenet5.data.prepared import TrainingData
from lenet5.evaluation import scores_of
from lenet5.models.lenet import build
from lenet5.models.losses import training_loss
from lenet5.training.job import TrainingJob, TrainingResult
from lenet5.training.module import run
from lenet5.training.optim import one_cycle
from tests.training.made_data import CHOSEN, make_data, make_job

DATA = make_data()
SIZE = len(DATA.train)


def as_bytes(result: TrainingResult) -> bytes:
    """All of it, so that equal means equal to the bit."""
    return save(result.to_tensors())


def scores(job: TrainingJob, weights: dict[str, Tensor], patterns: Tensor) -> Tensor:
    network = build(job.network, job.head, seed=job.seed)
    network.load_state_dict(weights)
    return scores_of(network, DATA.images[patterns])


def errors_pct(scores: Tensor, patterns: Tensor) -> float:
    return 100 * int((scores.argmax(1) != DATA.labels[patterns]).sum()) / len(patterns)


@pytest.mark.parametrize(
    "job",
    [
        make_job(),
        make_job(distorted=True, patterns="all"),
        make_job(network="lenet5-modern", head="softmax", batch_size=17),
        make_job(momentum=0.0),
    ],
    ids=["plain", "distorted on all patterns", "modern", "no momentum"],
)
def test_stopped_after_any_epoch_and_resumed_it_is_the_same_to_the_bit(job: TrainingJob) -> None:
    states: list[TrainingResult] = []
    whole = run(job, DATA, on_epoch=states.append)
    assert [state.epochs for state in states] == [1, 2, 3]
    for epoch, state in enumerate(states, 1):
        stopped = run(job.up_to(epoch), DATA)
        assert as_bytes(stopped) == as_bytes(state)
        kept = TrainingResult.from_tensors(load(as_bytes(stopped)))
        assert as_bytes(run(job, DATA, start=kept)) == as_bytes(whole)


def test_resuming_leaves_the_state_that_it_starts_from_as_it_was() -> None:
    start = run(make_job().up_to(1), DATA)
    before = as_bytes(start)
    run(make_job(), DATA, start)
    assert as_bytes(start) == before


def test_global_random_numbers_change_nothing() -> None:
    results = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)
        results.append(as_bytes(run(make_job(1, distorted=True), DATA)))
    assert results[0] == results[1]


def test_another_seed_is_another_training() -> None:
    assert as_bytes(run(make_job(1, seed=1), DATA)) != as_bytes(run(make_job(1, seed=2), DATA))


def test_it_learns() -> None:
    history = run(make_job(epochs=6, learning_rate=0.02, batch_size=8), DATA).history
    assert history[0].train_error_pct > 30
    assert history[-1].val_error_pct < 10
    assert history[-1].train_loss < history[0].train_loss


def test_training_error_and_loss_are_measured_on_the_fly() -> None:
    """With one batch per epoch, they are those of the weights that the epoch began with."""
    job = make_job(2, batch_size=SIZE)
    first, second = run(job.up_to(1), DATA), run(job, DATA)
    for before, epoch in ((build("lenet5", "rbf", seed=1).state_dict(), 0), (first.weights, 1)):
        expected = scores(job, before, DATA.train)
        record = second.history[epoch]
        loss = training_loss("rbf", expected, DATA.labels[DATA.train], CHOSEN.j, CHOSEN.energy_scale)
        assert record.train_loss == pytest.approx(float(loss), rel=1e-5)
        assert record.train_error_pct == errors_pct(expected, DATA.train)


def test_training_loss_is_the_mean_over_patterns_not_over_batches() -> None:
    """Weights that do not move: the batches, the last of them smaller, must add up to the whole."""
    job = make_job(1, learning_rate=1e-12, momentum=0.0, weight_decay=0.0, batch_size=64)
    expected = scores(job, build("lenet5", "rbf", seed=1).state_dict(), DATA.train)
    loss = training_loss("rbf", expected, DATA.labels[DATA.train], CHOSEN.j, CHOSEN.energy_scale)
    (record,) = run(job, DATA).history
    assert record.train_loss == pytest.approx(float(loss), rel=1e-5)
    assert record.train_error_pct == errors_pct(expected, DATA.train)


def test_learning_rate_is_the_one_of_the_last_step() -> None:
    history = run(make_job(4), DATA).history
    steps = -(-SIZE // 32)
    expected = [one_cycle((epoch * steps - 1) / (4 * steps), CHOSEN.learning_rate) for epoch in (1, 2, 3, 4)]
    assert [epoch.learning_rate for epoch in history] == expected


@pytest.mark.parametrize("patterns", ["train", "all"])
def test_first_step_follows_the_gradient(patterns: str) -> None:
    job = make_job(1, batch_size=SIZE * 2, weight_decay=0.1, patterns=patterns)
    chosen = DATA.train if patterns == "train" else torch.arange(len(DATA.labels))
    network = build("lenet5", "rbf", seed=1)
    training_loss("rbf", network(DATA.images[chosen]), DATA.labels[chosen], CHOSEN.j, CHOSEN.energy_scale).backward()  # type: ignore[no-untyped-call]
    for name, weights in run(job, DATA).weights.items():
        before = network.get_parameter(name)
        assert before.grad is not None
        step = CHOSEN.learning_rate / 25 * (before.grad + 0.1 * before)
        torch.testing.assert_close(weights, before.detach() - step, rtol=1e-4, atol=1e-7)


def test_validation_predictions_are_those_of_the_weights_returned() -> None:
    job = make_job(2)
    result = run(job, DATA)
    expected = scores(job, result.weights, DATA.validation)
    assert torch.equal(result.validation_predictions, expected.argmax(1))
    assert result.history[-1].val_error_pct == errors_pct(expected, DATA.validation)


def with_validation(images: float, labels: int) -> TrainingData:
    """The same patterns to learn from; others to choose by."""
    other = replace(DATA, images=DATA.images.clone(), labels=DATA.labels.clone())
    other.images[DATA.validation] = images
    other.labels[DATA.validation] = labels
    return other


def test_patterns_set_aside_have_no_part_in_training() -> None:
    job = make_job(2, distorted=True)
    result, other = run(job, DATA), run(job, with_validation(images=float("nan"), labels=9))
    assert save(other.weights) == save(result.weights)
    assert [each.train_loss for each in other.history] == [each.train_loss for each in result.history]
    assert other.history[-1].val_error_pct == 100


def test_on_all_patterns_they_have() -> None:
    job = make_job(1, patterns="all")
    result = run(job, DATA)
    assert np.isnan(result.history[-1].val_error_pct)
    assert len(result.validation_predictions) == 0
    assert save(run(job, with_validation(images=0, labels=9)).weights) != save(result.weights)


def test_a_training_that_has_diverged_still_has_an_error_rate() -> None:
    """Optuna refuses NaN as an error. Scores that are NaN are an answer, mostly a wrong one."""
    start = run(make_job().up_to(1), DATA)
    lost = replace(start, weights={name: torch.full_like(value, torch.nan) for name, value in start.weights.items()})
    record = run(make_job(), DATA, lost).history[-1]
    assert np.isnan(record.train_loss)
    assert 50 < record.train_error_pct <= 100
    assert 50 < record.val_error_pct <= 100
