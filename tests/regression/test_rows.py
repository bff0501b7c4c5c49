"""A row of the full results before and after a change."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lenet5.paired import mcnemar
from lenet5.regression.rows import row_change

PATTERNS, SEEDS, RATE = 10_000, (1, 2, 3), 0.05
Correct = dict[int, NDArray[np.bool_]]


def networks(random: np.random.Generator, error: float) -> Correct:
    """Right answers of one network a seed, on patterns of very different difficulty."""
    difficulty = np.minimum(random.gamma(0.05, error / 0.05, PATTERNS), 1)
    return {seed: random.random(PATTERNS) >= difficulty for seed in SEEDS}


def pair(random: np.random.Generator, rise: float = 0.0) -> tuple[Correct, Correct]:
    """Two results of one row on the same patterns; the second makes `rise` more errors."""
    difficulty = np.minimum(random.gamma(0.05, 0.009 / 0.05, PATTERNS), 1)
    before = {seed: random.random(PATTERNS) >= difficulty for seed in SEEDS}
    now = {seed: (random.random(PATTERNS) >= difficulty) & (random.random(PATTERNS) >= rise) for seed in SEEDS}
    return before, now


def test_the_same_answers_are_unchanged() -> None:
    same = networks(np.random.default_rng(1), 0.01)
    found = row_change(same, same, RATE)
    assert (found.finding, found.difference_pct, found.p_value) == ("unchanged", 0, 1)


def test_the_same_quality_is_seldom_called_other() -> None:
    random = np.random.default_rng(2)
    found = [row_change(*pair(random), RATE).finding for _ in range(400)]
    assert 0.01 < np.mean([each != "equal" for each in found]) < 0.09


def test_a_rise_is_worse_and_a_fall_is_better() -> None:
    before, now = pair(np.random.default_rng(10), rise=0.005)
    worse, better = row_change(before, now, RATE), row_change(now, before, RATE)
    assert (worse.finding, better.finding) == ("worse", "better")
    assert worse.low_pct > 0 > better.high_pct
    assert (worse.newly_wrong, worse.newly_right) == (better.newly_right, better.newly_wrong)
    assert worse.difference_pct == pytest.approx(100 * (worse.newly_wrong - worse.newly_right) / PATTERNS / 3)
    assert worse.p_value < RATE


def test_with_one_seed_it_is_mcnemars_test() -> None:
    before, now = pair(np.random.default_rng(4), rise=0.001)
    found, exact = row_change({1: before[1]}, {1: now[1]}, RATE), mcnemar(before[1], now[1])
    assert (found.newly_right, found.newly_wrong) == (exact.only_first_wrong, exact.only_second_wrong)
    assert found.p_value == pytest.approx(exact.p_value, rel=0.25)


def test_seeds_that_both_have_are_compared() -> None:
    before, now = pair(np.random.default_rng(5))
    found = row_change(before, {2: now[2], 7: now[1]}, RATE)
    assert found.seeds == 1
    assert found.before_pct == pytest.approx(100 * (1 - before[2].mean()))


def test_no_common_seed_and_other_patterns_are_refused() -> None:
    before, now = pair(np.random.default_rng(6))
    with pytest.raises(ValueError, match="no seed in common"):
        row_change(before, {9: now[1]}, RATE)
    with pytest.raises(ValueError, match="other examples"):
        row_change(before, {1: now[1][1:]}, RATE)
