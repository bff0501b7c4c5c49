"""Rejection against a plain search through all thresholds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet5.rejection import margins, rejection_curve


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40), st.floats(0, 100))
def test_the_first_cut_is_that_of_a_plain_search(patterns: list[tuple[int, bool]], target: float) -> None:
    margin = np.array([float(each) for each, _ in patterns])
    correct = np.array([right for _, right in patterns])
    scores = np.stack([np.zeros(len(margin)), -margin, -margin - 1], axis=1)
    curve = rejection_curve(scores, correct)
    cut = curve.first_at(target)
    tried = []
    for threshold in sorted(set(margin)):
        kept = margin >= threshold
        tried.append((100 * (1 - kept.mean()), 100 * (~correct[kept]).mean()))
    enough = [pair for pair in tried if pair[1] <= target]
    assert (cut is None) == (not enough)
    if cut is None:
        return
    rejected, left = enough[0]
    assert curve.rejected_pct[cut] == pytest.approx(rejected)
    assert curve.remaining_error_pct[cut] == pytest.approx(left)
    assert (margin < curve.threshold[cut]).mean() == pytest.approx(rejected / 100)


def test_margin_is_the_difference_of_the_two_best() -> None:
    assert margins(np.array([[1.0, 5.0, 3.0], [-2.0, -2.0, -9.0]])).tolist() == [2.0, 0.0]


def test_a_network_that_is_good_enough_rejects_nothing() -> None:
    scores = np.eye(10) * np.arange(1, 11)[:, None]
    curve = rejection_curve(scores, np.ones(10, dtype=bool))
    assert curve.first_at(0.5) == 0
    assert curve.rejected_pct[0] == 0
