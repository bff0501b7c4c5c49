"""Shared errors: what chance would give, and whether networks of one kind are told from others."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet5.overlap import by_chance, compare_shares, shared_errors

PATTERNS = 10_000
TRIALS = 300


def networks(generator: np.random.Generator, difficulty: np.ndarray, count: int) -> np.ndarray:
    """Correctness [count, patterns] of networks that miss each pattern as often as it is hard, each by itself."""
    return generator.random((count, len(difficulty))) >= difficulty


def difficulties(generator: np.random.Generator) -> np.ndarray:
    """Most patterns are easy; some 80 of 10,000 are missed, by half of the networks or so."""
    return generator.beta(0.004, 0.5, PATTERNS)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_chance_is_counted_out_for_few_patterns(first: int, second: int, shared: int) -> None:
    patterns = 6
    found = by_chance(first, second, shared, patterns)
    mine = set(range(first))
    overlaps = [len(mine & set(other)) for other in combinations(range(patterns), second)]
    assert len(overlaps) == comb(patterns, second)
    assert found.expected == pytest.approx(np.mean(overlaps))
    assert found.p_value == pytest.approx(np.mean([overlap >= shared for overlap in overlaps]))


def test_shared_errors_are_counted_pair_by_pair() -> None:
    correct = np.array([[0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]], dtype=bool)
    assert shared_errors(correct).tolist() == [[2, 1, 0], [1, 2, 0], [0, 0, 0]]


def test_shares_of_a_case_that_can_be_counted_by_hand() -> None:
    ours = np.array([[0, 0, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1]], dtype=bool)
    other = np.array([0, 1, 1, 1, 0, 1], dtype=bool)
    found = compare_shares(ours, other, 0.95)
    assert found is not None
    assert found.with_other_pct == pytest.approx(50)
    assert found.among_ours_pct == pytest.approx(100 * 2 / 3)
    assert found.difference_pct == pytest.approx(50 - 200 / 3)


def test_one_more_network_of_the_kind_is_taken_for_one() -> None:
    generator = np.random.default_rng(1998)
    covered = 0
    for _ in range(TRIALS):
        correct = networks(generator, difficulties(generator), 4)
        found = compare_shares(correct[:3], correct[3], 0.95)
        assert found is not None
        covered += found.ci_low_pct <= 0 <= found.ci_high_pct
    # 95 % is promised; the standard error of 300 trials is 1.3 points.
    assert 0.91 <= covered / TRIALS <= 0.985


def test_a_network_that_fails_elsewhere_is_noticed() -> None:
    generator = np.random.default_rng(5)
    for _ in range(20):
        difficulty = difficulties(generator)
        ours = networks(generator, difficulty, 3)
        # As hard for it on the whole, but half of what it finds hard is something else.
        mixed = np.where(generator.random(PATTERNS) < 0.5, difficulty, generator.permutation(difficulty))
        found = compare_shares(ours, networks(generator, mixed, 1)[0], 0.95)
        assert found is not None
        assert found.difference_pct < -10
        assert found.ci_high_pct < 0


def test_nothing_is_said_where_nothing_can_be_shared() -> None:
    some = np.array([[0, 1, 1], [1, 0, 1]], dtype=bool)
    assert compare_shares(some[:1], some[1], 0.95) is None
    assert compare_shares(some, np.ones(3, dtype=bool), 0.95) is None
    assert compare_shares(np.vstack([some[0], np.ones(3, dtype=bool)]), some[1], 0.95) is None
