"""The statistical layer: right as often as it says, and able to see what it should."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from lenet5.regression.reseedings import ALL_ROWS, shift, shifts

RUNS, SEEDS, RATE = 30, 3, 0.01
Rates = dict[str, NDArray[np.float64]]


def simulated(random: np.random.Generator, rise: float = 0.0) -> tuple[Rates, Rates]:
    """Re-seedings and one more run of two rows, whose networks spread by 0.1 and 0.15, and runs by 0.05 more."""
    runs, now = {}, {}
    for row, expected, spread in (("plain", 2.8, 0.1), ("distorted", 3.3, 0.15)):
        drawn = expected + 0.05 * random.normal(size=(RUNS + 1, 1)) + spread * random.normal(size=(RUNS + 1, SEEDS))
        runs[row], now[row] = drawn[1:], drawn[0] + rise
    return runs, now


def test_false_alarms_are_as_rare_as_stated() -> None:
    random, repeats = np.random.default_rng(1), 3000
    worse = better = 0
    for _ in range(repeats):
        found = {each.finding for each in shifts(*simulated(random), RATE)}
        worse, better = worse + ("worse" in found), better + ("better" in found)
    # Bonferroni's share is a bound, and the rows' mean goes with the rows: somewhat fewer.
    for count in (worse, better):
        assert 0.3 * RATE < count / repeats < RATE + 3 * math.sqrt(RATE / repeats)


def test_a_rise_of_three_tenths_of_a_point_is_seen() -> None:
    random, repeats = np.random.default_rng(2), 300
    seen = [any(each.finding == "worse" for each in shifts(*simulated(random, 0.3), RATE)) for _ in range(repeats)]
    assert np.mean(seen) > 0.9


def test_a_fall_is_seen_as_well_and_has_another_name() -> None:
    found = shifts(*simulated(np.random.default_rng(3), -0.6), RATE)
    assert {each.finding for each in found} == {"better"}


def test_one_row_alone_can_be_worse() -> None:
    runs, now = simulated(np.random.default_rng(4))
    found = {each.row: each.finding for each in shifts(runs, now | {"plain": now["plain"] + 0.5}, RATE)}
    assert (found["plain"], found["distorted"]) == ("worse", "equal")


def test_the_p_value_is_that_of_one_more_draw() -> None:
    runs = np.array([2.0, 3.0, 4.0, 3.0])
    found = shift("row", runs, 4.5, 0.05)
    t = (4.5 - 3) / (runs.std(ddof=1) * math.sqrt(1 + 1 / 4))
    assert found.p_worse == pytest.approx(stats.t.sf(t, 3))
    assert found.p_worse + found.p_better == pytest.approx(1)
    assert shift("row", runs, 3 + found.least_worse_pct + 1e-9, 0.05).finding == "worse"
    assert shift("row", runs, 3 + found.least_worse_pct - 1e-9, 0.05).finding == "equal"


def test_the_mean_of_all_rows_is_a_test_of_its_own() -> None:
    runs, now = simulated(np.random.default_rng(5))
    last = shifts(runs, now, RATE)[-1]
    assert last.row == ALL_ROWS
    assert last.now_pct == pytest.approx(np.mean([now["plain"].mean(), now["distorted"].mean()]))
    assert last.level == pytest.approx(RATE / 3)


def test_runs_without_any_spread_do_not_divide_by_zero() -> None:
    assert shift("row", np.full(5, 2.0), 2.0, 0.01).finding == "equal"
    assert shift("row", np.full(5, 2.0), 2.1, 0.01).finding == "worse"


@pytest.mark.parametrize("bad", [{"plain": np.array([np.nan] * 3)}, {"plain": np.array([np.inf] * 3)}])
def test_what_is_no_number_is_refused(bad: Rates) -> None:
    runs, now = simulated(np.random.default_rng(6))
    with pytest.raises(ValueError, match="plain: three or more re-seedings with finite error rates"):
        shifts(runs, now | bad, RATE)


def test_other_rows_and_too_few_runs_are_refused() -> None:
    runs, now = simulated(np.random.default_rng(7))
    with pytest.raises(ValueError, match="rows are plain, re-seedings have plain, distorted"):
        shifts(runs, {"plain": now["plain"]}, RATE)
    with pytest.raises(ValueError, match="three or more"):
        shifts({row: values[:2] for row, values in runs.items()}, now, RATE)
