"""The schedule and the optimiser's step."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lenet5.training.optim import one_cycle, sgd
from tests.training.made_data import CHOSEN

SHARE = st.floats(0, 1)


def test_one_cycle_starts_at_a_25th_peaks_at_three_tenths_and_ends_near_zero() -> None:
    assert one_cycle(0, 0.5) == pytest.approx(0.02)
    assert one_cycle(0.3, 0.5) == pytest.approx(0.5)
    assert one_cycle(0.15, 0.5) == pytest.approx((0.02 + 0.5) / 2)
    assert one_cycle(0.65, 0.5) == pytest.approx(0.25, rel=1e-3)
    assert one_cycle(1, 0.5) == pytest.approx(5e-5)


@given(SHARE, SHARE)
def test_one_cycle_rises_and_falls_without_a_jump(one: float, other: float) -> None:
    first, second = sorted((one, other))
    before, after = one_cycle(first, 1.0), one_cycle(second, 1.0)
    assert 0 < before <= 1
    # The steepest place is the middle of the rise: pi/2 / 0.3.
    assert abs(after - before) <= 5.3 * (second - first) + 1e-9
    if second <= 0.3:
        assert before <= after
    if first >= 0.3:
        assert before >= after


def test_a_step_is_gradient_and_weight_decay_gathered_in_the_momentum() -> None:
    model = nn.Linear(3, 1, bias=False)
    chosen = CHOSEN.model_copy(update={"learning_rate": 0.5, "momentum": 0.9, "weight_decay": 0.1})
    optimizer, weight, velocity = sgd(model, chosen), model.weight.detach().clone(), torch.zeros(1, 3)
    for step in range(3):
        gradient = torch.tensor([[1.0, -2.0, step]])
        model.weight.grad = gradient.clone()
        optimizer.step()
        velocity = 0.9 * velocity + gradient + 0.1 * weight
        weight = weight - 0.5 * velocity
        torch.testing.assert_close(model.weight.detach(), weight)
