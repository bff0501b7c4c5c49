"""Equations 8 and 9 against the formulas as printed, and what the rubbish class is for."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from lenet5.models.losses import map_loss, mle_loss, training_loss

PATTERN = st.tuples(st.lists(st.floats(0, 300), min_size=10, max_size=10), st.integers(0, 9))
BATCH = st.lists(PATTERN, min_size=1, max_size=5)
J = st.floats(0.01, 50)


def as_tensors(batch: list[tuple[list[float], int]]) -> tuple[Tensor, Tensor]:
    penalties, labels = zip(*batch, strict=True)
    return torch.tensor(penalties, dtype=torch.float64), torch.tensor(labels)


@given(BATCH)
def test_equation_8_is_the_mean_penalty_of_the_right_class(batch: list[tuple[list[float], int]]) -> None:
    expected = sum(y[right] for y, right in batch) / len(batch)
    assert float(mle_loss(*as_tensors(batch))) == pytest.approx(expected, rel=1e-12)


@given(BATCH, J)
def test_equation_9_as_printed(batch: list[tuple[list[float], int]], j: float) -> None:
    each = [y[right] + math.log(math.exp(-j) + sum(math.exp(-other) for other in y)) for y, right in batch]
    assert float(map_loss(*as_tensors(batch), j)) == pytest.approx(sum(each) / len(each), rel=1e-12, abs=1e-11)


@given(PATTERN, J)
def test_a_wrong_class_beyond_the_rubbish_class_is_left_alone(pattern: tuple[list[float], int], j: float) -> None:
    penalties, label = as_tensors([pattern])
    penalties.requires_grad_()
    map_loss(penalties, label, j).backward()  # type: ignore[no-untyped-call]
    assert penalties.grad is not None
    for i, (y, push) in enumerate(zip(pattern[0], penalties.grad[0].tolist(), strict=True)):
        if i != pattern[1]:
            assert -math.exp(min(0.0, j - y)) - 1e-12 <= push <= 0


def test_without_its_rubbish_class_equation_9_would_push_on_for_ever() -> None:
    penalties = torch.full((1, 10), 40.0, requires_grad=True)
    pushes = [torch.autograd.grad(map_loss(penalties, torch.tensor([3]), j), penalties)[0][0, 0] for j in (5.0, 1e9)]
    assert [float(push) for push in pushes] == pytest.approx([0.0, -0.1], abs=1e-6)


def test_penalties_of_any_size_give_finite_losses_and_gradients() -> None:
    penalties = torch.tensor([[0.0] + [1e6] * 9, [1e6] * 10], requires_grad=True)
    loss = map_loss(penalties, torch.tensor([0, 0]), 5.0)
    (gradient,) = torch.autograd.grad(loss, penalties)
    assert loss.isfinite()
    assert gradient.isfinite().all()


def test_an_rbf_head_is_trained_with_equation_9_on_scaled_penalties() -> None:
    penalties, labels = torch.rand(7, 10) * 80, torch.arange(7)
    loss = training_loss("rbf", -penalties, labels, j=2.0, energy_scale=0.05)
    torch.testing.assert_close(loss, map_loss(0.05 * penalties, labels, 2.0))


def test_a_softmax_head_is_trained_with_cross_entropy_whatever_j_and_scale() -> None:
    logits, labels = torch.randn(7, 10), torch.arange(7)
    expected = -functional.log_softmax(logits, 1)[torch.arange(7), labels].mean()
    for j, scale in ((1.0, 0.1), (9.0, 0.9)):
        torch.testing.assert_close(training_loss("softmax", logits, labels, j, scale), expected)
