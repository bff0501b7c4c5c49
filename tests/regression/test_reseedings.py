"""The statistical layer: right as often as it says, and able to see what it should."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from lenet5.regression.reseedings import ALL_ROWS, shift, shifts, spread_of_a_run, tolerance_factor

RUNS, SEEDS, RATE = 30, 3, 0.01
Rates = dict[str, NDArray[np.float64]]


def simulated(random: np.random.Generator, rise: float = 0.0) -> tuple[Rates, Rates]:
    """Re-seedings and one more run of two rows, whose networks spread by 0.1 and 0.15, and runs by 0.05 more."""
    runs, now = {}, {}
    for row, expected, spread in (("plain", 2.8, 0.1), ("distorted", 3.3, 0.15)):
        drawn = expected + 0.05 * random.normal(size=(RUNS + 1, 1)) + spread * random.normal(size=(RUNS + 1, SEEDS))
        runs[row], now[row] = drawn[1:], drawn[0] + rise
    return runs, now


def test_false_alarms_are_as_rare_as_stated_for_nine_baselines_in_ten() -> None:
    random, baselines, runs = np.random.default_rng(1), 200, 4000
    rates = []
    for _ in range(baselines):
        tests = shifts(*simulated(random), RATE)
        drawn = [2.8 + spread_of(0.1) * random.normal(size=runs), 3.3 + spread_of(0.15) * random.normal(size=runs)]
        found = zip(tests, [*drawn, np.mean(drawn, axis=0)], strict=True)
        worse = [each - test.expected_pct > test.limit_pct for test, each in found]
        rates.append(np.any(worse, axis=0).mean())
    assert np.mean(np.array(rates) <= RATE) > 0.9 - 3 * math.sqrt(0.09 / baselines)
    # Bonferroni's share and the confidence are bounds, which leave less; but not nothing.
    assert np.mean(rates) > 0.1 * RATE


def spread_of(network: float) -> float:
    """Of a run's mean."""
    return math.hypot(0.05, network / math.sqrt(SEEDS))


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


@pytest.mark.parametrize(("runs", "rate"), [(10, 0.05), (30, 0.01)])
def test_nine_limits_in_ten_leave_at_most_the_stated_share_beyond_them(runs: int, rate: float) -> None:
    drawn = np.random.default_rng(9).normal(size=(20_000, runs))
    limits = drawn.mean(axis=1) + tolerance_factor(runs, rate) * drawn.std(axis=1, ddof=1)
    assert np.mean(limits >= stats.norm.isf(rate)) == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / 20_000))


def test_beyond_the_limit_is_worse_or_better() -> None:
    runs = np.array([[2.0], [3.0], [4.0], [3.0]])
    found = shift("row", runs, 4.5, 0.05)
    assert found.limit_pct == pytest.approx(tolerance_factor(4, 0.05) * runs.std(ddof=1))
    assert shift("row", runs, 3 + found.limit_pct + 1e-9, 0.05).finding == "worse"
    assert shift("row", runs, 3 + found.limit_pct - 1e-9, 0.05).finding == "equal"
    assert shift("row", runs, 3 - found.limit_pct - 1e-9, 0.05).finding == "better"


def test_the_mean_of_all_rows_is_a_test_of_its_own() -> None:
    runs, now = simulated(np.random.default_rng(5))
    last = shifts(runs, now, RATE)[-1]
    assert last.row == ALL_ROWS
    assert last.now_pct == pytest.approx(np.mean([now["plain"].mean(), now["distorted"].mean()]))
    assert last.limit_pct == pytest.approx(tolerance_factor(RUNS, RATE / 3) * last.spread_pct)


def test_the_spread_is_that_of_runs_or_if_they_have_nothing_in_common_that_of_networks() -> None:
    random = np.random.default_rng(8)
    networks = random.normal(size=(40, 4))
    alike = networks + 3 * random.normal(size=(40, 1))
    assert spread_of_a_run(alike) == alike.mean(axis=1).std(ddof=1)
    # Four networks of each run that cancel: no run differs from another, which no honest seeds give.
    cancelling = np.concatenate([networks, -networks], axis=1)
    assert spread_of_a_run(cancelling) == pytest.approx(cancelling.std(ddof=1) / math.sqrt(8))


def test_runs_without_any_spread_do_not_divide_by_zero() -> None:
    assert shift("row", np.full((5, 1), 2.0), 2.0, 0.01).finding == "equal"
    assert shift("row", np.full((5, 1), 2.0), 2.1, 0.01).finding == "worse"


@pytest.mark.parametrize("bad", [{"plain": np.array([np.nan] * 3)}, {"plain": np.array([np.inf] * 3)}])
def test_what_is_no_number_is_refused(bad: Rates) -> None:
    runs, now = simulated(np.random.default_rng(6))
    with pytest.raises(ValueError, match="plain: three or more re-seedings with finite error rates"):
        shifts(runs, now | bad, RATE)


def test_other_rows_and_too_few_runs_are_refused() -> None:
    runs, now = simulated(np.random.default_rng(7))
    with pytest.raises(ValueError, match="rows are plain, re-seedings have plain, distorted"):
        shifts(runs, {"plain": now["plain"]}, RATE)
    with pytest.raises(ValueError, match="every row must have as many re-seedings and seeds as the others"):
        shifts(runs | {"plain": runs["plain"][:, :2]}, now, RATE)
    with pytest.raises(ValueError, match="three or more"):
        shifts({row: values[:2] for row, values in runs.items()}, now, RATE)
