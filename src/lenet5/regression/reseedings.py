"""How much the error rate of an experiment varies by the luck of its seeds alone, and whether a run is beyond that.

A run trains some rows (ways to train a network), each with some seeds. McNemar's test of two networks takes each
example on which they differ for a fair coin, as if the networks were given; two trainings of the same quality that
differ in their seed fail it far too often. Its statistic is kept here: the number of answers that became wrong less
that of those that became right, which is the difference of the two error counts. Its distribution is that of honest
re-seedings. docs/regression.md has the reasons and the rates.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

ALL_ROWS = "all rows"
ErrorRates = Mapping[str, npt.NDArray[np.float64]]
"""Of each row, in percent."""
CONFIDENCE = 0.9
"""That the rate of false alarms holds for the re-seedings at hand, which are kept, and judge many runs."""


@dataclass(frozen=True)
class Shift:
    """How far the error rate of one row, the mean over its seeds, lies from where re-seedings put it. In percent."""

    row: str
    expected_pct: float
    now_pct: float
    spread_pct: float
    """Standard deviation of a run's mean over re-seedings."""
    limit_pct: float
    """What a difference must exceed to count."""

    @property
    def difference_pct(self) -> float:
        return self.now_pct - self.expected_pct

    @property
    def finding(self) -> str:
        if abs(self.difference_pct) <= self.limit_pct:
            return "equal"
        return "worse" if self.difference_pct > 0 else "better"


def shifts(reseedings: ErrorRates, now: ErrorRates, rate: float) -> list[Shift]:
    """Judge `now` [seeds] of each row against `reseedings` [runs, seeds] of the same row, and the mean of all rows.

    `rate` is the chance of any false `worse` among all tests, and of any false `better`: each test has its share of it
    (Bonferroni).

    Raises:
        ValueError: the rows differ, or their numbers of seeds; there are fewer than three runs, or a value is not a
            finite number.
    """
    if list(reseedings) != list(now):
        raise ValueError(f"rows are {', '.join(now)}, re-seedings have {', '.join(reseedings)}")
    if len({values.shape for values in reseedings.values()}) > 1:
        raise ValueError("every row must have as many re-seedings and seeds as the others")
    runs = {**reseedings, ALL_ROWS: np.mean([*reseedings.values()], axis=0)}
    means = {row: float(values.mean()) for row, values in now.items()}
    means[ALL_ROWS] = float(np.mean([*means.values()]))
    return [shift(row, runs[row], means[row], rate / len(runs)) for row in runs]


def shift(row: str, runs: npt.NDArray[np.float64], now_pct: float, rate: float) -> Shift:
    """Judge one mean against those of the `runs` [runs, seeds].

    Raises:
        ValueError: there are fewer than three runs, or a value is not a finite number.
    """
    if len(runs) < 3 or not np.isfinite([*runs.flat, now_pct]).all():
        raise ValueError(f"{row}: three or more re-seedings with finite error rates are needed")
    spread = spread_of_a_run(runs)
    return Shift(
        row=row,
        expected_pct=float(runs.mean()),
        now_pct=now_pct,
        spread_pct=spread,
        # Never zero: the smallest step of an error rate is not known here, that of a float is.
        limit_pct=tolerance_factor(len(runs), rate) * max(spread, 1e-9),
    )


def spread_of_a_run(runs: npt.NDArray[np.float64]) -> float:
    """The standard deviation of a run's mean over its seeds, from `runs` [runs, seeds].

    The restricted maximum likelihood of a random effect of the run beside that of the seed: what runs have in common
    (split, search) adds to the spread of their means or does nothing, but cannot take from it. If the means spread less
    than those of networks drawn from all runs would, that is luck: all networks are one sample, which knows more.
    """
    return max(float(runs.mean(axis=1).std(ddof=1)), float(runs.std(ddof=1)) / math.sqrt(runs.shape[1]))


def tolerance_factor(runs: int, rate: float) -> float:
    """How many spreads from the mean of so many runs at most the share `rate` of all further runs lies, on one side.

    With a chance of `CONFIDENCE` over the luck of these runs, which are drawn from a normal distribution: the factor of
    a one-sided tolerance limit. Student's t would hold the rate on the average over many baselines, and break it for
    almost half of them; but one is kept.
    """
    root = math.sqrt(runs)
    return float(stats.nct.ppf(CONFIDENCE, runs - 1, root * stats.norm.isf(rate))) / root


def share_seen(rise_pct: float, spread_pct: float, runs: int, rate: float) -> float:
    """The chance that a rise of a row's error rate is called worse, over the luck of the run and of the re-seedings."""
    scale = math.sqrt(1 + 1 / runs)
    return float(stats.nct.sf(tolerance_factor(runs, rate) / scale, runs - 1, rise_pct / (spread_pct * scale)))
