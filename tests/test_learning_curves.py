"""Learning curves beside a published one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet5.learning_curves import compare_curves, settled_after

PUBLISHED = np.array([2.65, 1.48, 0.96, 0.95])


def test_networks_of_the_same_kind_are_seldom_apart() -> None:
    """Curves that differ by the draw of 10,000 patterns and by the seed, as networks of one kind do."""
    generator = np.random.default_rng(1998)
    true_pct, apart, trials = 1.0, 0, 2000
    for _ in range(trials):
        of_seeds = true_pct + 0.05 * generator.standard_normal(5)
        measured = generator.binomial(10_000, of_seeds / 100) / 100
        found = compare_curves(measured[:4, None], measured[4:], 10_000, reading_error_pct=0.0)
        apart += int(found.apart.sum())
    # Two standard errors leave one in twenty at most; each side's sampling counts in full, which makes it fewer.
    assert apart / trials < 0.05


def test_a_network_that_learns_less_is_apart() -> None:
    ours = np.stack([PUBLISHED * 1.5, PUBLISHED * 1.52, PUBLISHED * 1.48])
    found = compare_curves(ours, PUBLISHED, 10_000, reading_error_pct=0.03)
    assert found.apart.all()
    assert found.difference_pct == pytest.approx(PUBLISHED * 0.5)


@pytest.mark.parametrize(("ours", "published"), [(4, 3), (3, 4)])
def test_passes_that_only_one_of_them_has_are_left_out(ours: int, published: int) -> None:
    found = compare_curves(np.stack([PUBLISHED[:ours]] * 2), PUBLISHED[:published], 10_000, 0.03)
    assert len(found.difference_pct) == len(found.standard_error_pct) == 3


def test_one_seed_has_no_spread_but_is_compared() -> None:
    found = compare_curves(PUBLISHED[None], PUBLISHED, 10_000, 0.03)
    assert not found.apart.any()
    assert (found.standard_error_pct > 0.1).all()


@given(st.lists(st.floats(0, 5), min_size=1, max_size=20))
def test_settled_is_the_first_pass_that_nothing_after_it_leaves(errors: list[float]) -> None:
    curve = np.array(errors)
    near = [abs(error - errors[-1]) <= 0.1 for error in errors]
    expected = next(number for number in range(1, len(errors) + 1) if all(near[number - 1 :]))
    assert settled_after(curve, 0.1) == expected
