"""McNemar's exact test."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet5.paired import mcnemar


def correctness(only_first: int, only_second: int, both: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Two classifiers that are wrong alone, together and never so many times."""
    counts = (only_first, only_second, both, neither)
    first, second = (np.repeat(np.array(right), counts) for right in ([0, 1, 0, 1], [1, 0, 0, 1]))
    return first.astype(bool), second.astype(bool)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5), st.integers(0, 50))
def test_p_value_is_the_two_sided_binomial_tail(only_first: int, only_second: int, both: int, neither: int) -> None:
    found = mcnemar(*correctness(only_first, only_second, both, neither))
    n, least = only_first + only_second, min(only_first, only_second)
    tail = 2 * sum(comb(n, k) for k in range(least + 1)) / 2**n
    assert (found.only_first_wrong, found.only_second_wrong, found.both_wrong) == (only_first, only_second, both)
    assert found.p_value == pytest.approx(min(tail, 1))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"both must be \[examples\]"):
        mcnemar(np.ones(3, bool), np.ones(4, bool))
