"""The intervals cover what they say, and the verdicts err as seldom as docs/verdicts.md says."""

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lenet5.statistics import RowSummary, confusion_counts, judge, summarise

PAPER_PCT, PAPER_UNCERTAINTY, CONFIDENCE, MARGIN = 0.95, 0.1, 0.95, 0.3
REPETITIONS = 1500


def networks(
    generator: np.random.Generator, seeds: int, examples: int, error: float, own_spread: float
) -> npt.NDArray[np.bool_]:
    """Correctness [seeds, examples] of networks with the expected error rate `error`.

    Examples differ much in difficulty (a beta distribution below 0.8), seeds by a factor that is uniform in
    1 ± `own_spread`; both have the stated mean, so that the expected error rate is exactly `error`.
    """
    difficulty = 0.8 * generator.beta(0.3 * error / 0.8, 0.3 * (1 - error / 0.8), size=examples)
    quality = 1 + own_spread * generator.uniform(-1, 1, size=(seeds, 1))
    return generator.random((seeds, examples)) >= difficulty * quality


def of_many_seeds(error_pct: float, standard_error_pct: float, seeds: int = 3) -> RowSummary:
    """A summary whose t quantiles are those of the normal distribution."""
    return RowSummary(error_pct, (error_pct,) * seeds, 0.0, standard_error_pct, 1e12, 0.0, 100.0)


@pytest.mark.parametrize(("seeds", "own_spread"), [(1, 0.0), (3, 0.0), (3, 0.1), (10, 0.2)])
def test_intervals_cover_the_expected_error_rate_nearly_as_often_as_stated(seeds: int, own_spread: float) -> None:
    generator = np.random.default_rng(1998)
    covered = 0
    for _ in range(REPETITIONS):
        summary = summarise(networks(generator, seeds, 1000, 0.06, own_spread), CONFIDENCE)
        covered += summary.ci_low_pct <= 6.0 <= summary.ci_high_pct
    # 1500 repetitions at 95 % have a standard error of 0.56 points; three of them either way, and half a point for a
    # distribution that is only nearly Student's (60 errors in 1000).
    assert 0.928 <= covered / REPETITIONS <= 0.972


def test_verdicts_err_as_seldom_as_stated_and_decide_when_they_can() -> None:
    generator = np.random.default_rng(5)
    verdicts = {difference: Counter[str]() for difference in (0.0, MARGIN, -MARGIN, 3 * MARGIN)}
    for _ in range(REPETITIONS):
        summary = summarise(networks(generator, 3, 2500, 0.0092, 0.1), CONFIDENCE)
        for difference, count in verdicts.items():
            paper = 0.92 - difference + generator.normal(0, PAPER_UNCERTAINTY)
            count[judge(summary, paper, PAPER_UNCERTAINTY, CONFIDENCE, MARGIN)] += 1
    # Upper bounds: the stated 5 % and three standard errors (1.7 points) of 1500 repetitions.
    assert verdicts[0.0]["better"] + verdicts[0.0]["worse"] <= 0.067 * REPETITIONS
    assert verdicts[MARGIN]["reproduced"] <= 0.067 * REPETITIONS
    assert verdicts[-MARGIN]["reproduced"] <= 0.067 * REPETITIONS
    assert verdicts[3 * MARGIN]["worse"] >= 0.95 * REPETITIONS


def test_summary_of_a_table_worked_out_by_hand() -> None:
    correct = np.ones((2, 8), dtype=bool)
    correct[0, :4] = correct[1, :2] = False
    summary = summarise(correct, 0.95)
    assert (summary.errors_pct, summary.error_pct) == ((50.0, 25.0), 37.5)
    assert summary.std_pct == pytest.approx(25 / math.sqrt(2))
    # Two patterns with mean 100 over the seeds, two with 50, four with 0.
    of_patterns = (2 * 62.5**2 + 2 * 12.5**2 + 4 * 37.5**2) / 7 / 8
    of_seeds = 2 * 12.5**2 / 2
    # Where the seeds agree the residual is that of the seeds' means alone, elsewhere 50 less that.
    of_residual = (12 * 12.5**2 + 4 * 37.5**2) / 7 / 16
    variance = of_patterns + of_seeds - of_residual
    freedom = variance**2 / (of_patterns**2 / 7 + of_seeds**2 + of_residual**2 / 7)
    assert summary.standard_error_pct == pytest.approx(math.sqrt(variance))
    assert summary.degrees_of_freedom == pytest.approx(freedom)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(variance)
    assert summary.ci_high_pct == pytest.approx(min(37.5 + half, 100.0))


def test_copies_of_one_network_are_worth_no_more_than_one() -> None:
    correct = networks(np.random.default_rng(2), 1, 500, 0.1, 0.0)
    one, copies = summarise(correct, 0.95), summarise(np.repeat(correct, 5, axis=0), 0.95)
    assert copies.standard_error_pct == pytest.approx(one.standard_error_pct)
    assert (one.std_pct, copies.std_pct) == (None, 0.0)


def test_what_seeds_and_patterns_share_is_counted_once() -> None:
    generator = np.random.default_rng(3)
    # Every error is an accident of one seed on one pattern: the variance is that of 10 x 1000 tosses of a coin.
    true_variance = 100**2 * 0.1 * 0.9 / 10_000
    variances = [summarise(generator.random((10, 1000)) >= 0.1, 0.95).standard_error_pct ** 2 for _ in range(100)]
    # A negative share of the seeds counts as zero, which costs some 19 % here; counting twice would cost 100 %.
    assert 0.95 < np.mean(variances) / true_variance < 1.3


@pytest.mark.parametrize(("correct", "low", "high"), [(True, 0.0, 0.02), (False, 99.98, 100.0)])
def test_an_interval_never_shrinks_to_a_point_nor_leaves_the_scale(correct: bool, low: float, high: float) -> None:
    summary = summarise(np.full((3, 10_000), correct), 0.95)
    assert (summary.ci_low_pct, summary.ci_high_pct) == pytest.approx((low, high), abs=0.001)


@pytest.mark.parametrize("shape", [(0, 10), (3, 1), (10,)])
def test_a_table_without_seeds_or_examples_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="seeds"):
        summarise(np.ones(shape, dtype=bool), 0.95)


@given(
    standard_error=st.floats(0.01, 1),
    confidence=st.floats(0.6, 0.999),
    margin=st.floats(0.05, 3),
    beyond=st.floats(1e-4, 2),
)
def test_verdict_at_its_borders(standard_error: float, confidence: float, margin: float, beyond: float) -> None:
    total = math.hypot(standard_error, PAPER_UNCERTAINTY)
    two_sided, one_sided = stats.norm.ppf([(1 + confidence) / 2, confidence]) * total

    def verdict(difference: float) -> str:
        summary = of_many_seeds(PAPER_PCT + difference, standard_error)
        return judge(summary, PAPER_PCT, PAPER_UNCERTAINTY, confidence, margin)

    assert verdict(-two_sided - beyond) == "better"
    assert verdict(two_sided + beyond) == "worse"
    if margin > one_sided + 1e-4:
        inside = min(two_sided, margin - one_sided) - 1e-5
        assert {verdict(inside), verdict(0), verdict(-inside)} == {"reproduced"}
    if two_sided > max(margin - one_sided, 0) + 1e-4:
        outside = max(margin - one_sided, 0) + 1e-5
        assert {verdict(outside), verdict(-outside)} == {"inconclusive"}


@given(difference=st.floats(-2, 2), standard_error=st.floats(0.01, 0.5))
def test_one_seed_needs_an_interval_beyond_the_margin_and_never_reproduces(
    difference: float, standard_error: float
) -> None:
    summary = of_many_seeds(PAPER_PCT + difference, standard_error, seeds=1)
    half = stats.norm.ppf(0.975) * math.hypot(standard_error, PAPER_UNCERTAINTY)
    verdict = judge(summary, PAPER_PCT, PAPER_UNCERTAINTY, 0.95, MARGIN)
    if abs(difference) > half + MARGIN + 1e-6:
        assert verdict == ("better" if difference < 0 else "worse")
    elif abs(difference) < half + MARGIN - 1e-6:
        assert verdict == "inconclusive"


def test_few_seeds_that_differ_much_widen_the_interval_beyond_the_normal_one() -> None:
    correct = np.ones((3, 10_000), dtype=bool)
    for seed, errors in enumerate((50, 100, 300)):
        correct[seed, :errors] = False
    summary = summarise(correct, 0.95)
    assert summary.degrees_of_freedom < 3
    assert judge(summary, 0.95, PAPER_UNCERTAINTY, 0.95, MARGIN) == "inconclusive"


def test_confusions_are_counted_by_true_then_predicted_digit() -> None:
    counts = confusion_counts(np.array([4, 4, 9, 0]), np.array([9, 9, 4, 0]))
    assert counts.shape == (10, 10)
    assert (counts[4, 9], counts[9, 4], counts[0, 0], counts.sum()) == (2, 1, 1, 4)
