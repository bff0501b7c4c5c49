"""What can be said about an error rate that was measured with a few seeds on one test set, and beside the paper's.

The rule, with its reasons and its limits, is written down in docs/verdicts.md. All rates are in percent.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

Verdict = Literal["better", "reproduced", "worse", "inconclusive"]


@dataclass(frozen=True)
class RowSummary:
    """The error rate of one row: mean over its seeds, spread, and an interval for the rate expected of a new seed on
    new patterns of the same kind."""

    error_pct: float
    errors_pct: tuple[float, ...]
    """Of each seed, in the order given."""
    std_pct: float | None
    """Sample standard deviation over the seeds; None with one seed."""
    standard_error_pct: float
    degrees_of_freedom: float
    ci_low_pct: float
    ci_high_pct: float

    @property
    def seeds(self) -> int:
        return len(self.errors_pct)


def summarise(correct: npt.NDArray[np.bool_], confidence: float) -> RowSummary:
    """Summarise a row from `correct` [seeds, examples]: whether each seed's network was right on each example.

    Raises:
        ValueError: there is no seed, or fewer than two examples.
    """
    if correct.ndim != 2 or correct.shape[0] < 1 or correct.shape[1] < 2:
        raise ValueError(f"correct must be [1 or more seeds, 2 or more examples], not {list(correct.shape)}")
    wrong_pct = np.where(correct, 0.0, 100.0)
    errors = wrong_pct.mean(axis=1)
    mean = float(errors.mean())
    variance, freedom = variance_of_mean(wrong_pct)
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * math.sqrt(variance)
    return RowSummary(
        error_pct=mean,
        errors_pct=tuple(errors.tolist()),
        std_pct=float(errors.std(ddof=1)) if len(errors) > 1 else None,
        standard_error_pct=math.sqrt(variance),
        degrees_of_freedom=freedom,
        ci_low_pct=max(mean - half, 0.0),
        ci_high_pct=min(mean + half, 100.0),
    )


def variance_of_mean(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Variance of the grand mean of `values` [seeds, examples] and its degrees of freedom (Welch and Satterthwaite).

    Seeds and examples are crossed random effects. The variance over examples of their means over seeds, divided by the
    number of examples, holds the test set's part and the residual's; the variance over seeds, divided by their number,
    holds the seeds' part and the residual's again, which is therefore taken off once. A negative estimate of the
    seeds' own part counts as zero. With one seed that part is unknown and missing.
    """
    seeds, examples = values.shape
    by_example, by_seed = values.mean(axis=0), values.mean(axis=1)
    # No error seen does not mean that none is possible: the sampling variance is never below that of a single error.
    least = 100.0**2 / examples**2
    of_examples = max(float(by_example.var(ddof=1)) / examples, least)
    if seeds == 1:
        return of_examples, examples - 1
    of_seeds = float(by_seed.var(ddof=1)) / seeds
    residuals = values - by_seed[:, None] - by_example[None, :] + values.mean()
    residual_freedom = (seeds - 1) * (examples - 1)
    of_residual = float((residuals**2).sum()) / residual_freedom / (seeds * examples)
    if of_seeds <= of_residual:
        return of_examples, examples - 1
    variance = of_examples + of_seeds - of_residual
    spread = of_examples**2 / (examples - 1) + of_seeds**2 / (seeds - 1) + of_residual**2 / residual_freedom
    return variance, variance**2 / spread


def judge(
    summary: RowSummary, published_pct: float, published_uncertainty_pct: float, confidence: float, margin_pct: float
) -> Verdict:
    """Judge the difference between a row and a published error rate.

    `better` or `worse`: the two-sided interval of the difference lies below or above zero; `reproduced`: two one-sided
    tests, each at level 1 - `confidence`, show the difference to be smaller than `margin_pct` either way;
    `inconclusive`: none of these. One seed tells nothing of the spread over seeds: `margin_pct` then stands for it,
    so that the interval must lie beyond the margin, and `reproduced` is not given.
    """
    difference = summary.error_pct - published_pct
    variance = summary.standard_error_pct**2 + published_uncertainty_pct**2
    standard_error = math.sqrt(variance)
    # The paper's figure counts as exactly known in its uncertainty: infinite degrees of freedom.
    freedom = variance**2 / (summary.standard_error_pct**4 / summary.degrees_of_freedom)
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * standard_error
    one_sided = float(stats.t.ppf(confidence, freedom)) * standard_error
    clearance = margin_pct if summary.seeds == 1 else 0.0
    if difference + half < -clearance:
        return "better"
    if difference - half > clearance:
        return "worse"
    if summary.seeds > 1 and abs(difference) + one_sided < margin_pct:
        return "reproduced"
    return "inconclusive"


def confusion_counts(label: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How often each true digit was taken for each digit: counts [true, predicted] from two arrays [n] of digits."""
    return np.bincount(10 * label + predicted, minlength=100).reshape(10, 10).astype(np.int64)
