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


@dataclass(frozen=True)
class Shift:
    """How far the error rate of one row, the mean over its seeds, lies from where re-seedings put it. In percent."""

    row: str
    expected_pct: float
    now_pct: float
    spread_pct: float
    """Standard deviation of a run's mean over re-seedings."""
    least_worse_pct: float
    """The smallest rise that counts as worse."""
    p_worse: float
    p_better: float
    level: float
    """What a p-value must stay below to count."""

    @property
    def difference_pct(self) -> float:
        return self.now_pct - self.expected_pct

    @property
    def finding(self) -> str:
        if self.p_worse < self.level:
            return "worse"
        return "better" if self.p_better < self.level else "equal"


def shifts(reseedings: ErrorRates, now: ErrorRates, rate: float) -> list[Shift]:
    """Judge `now` [seeds] of each row against `reseedings` [runs, seeds] of the same row, and the mean of all rows.

    A row's mean over seeds is one draw from a normal distribution, whose mean and variance the runs estimate; Student's
    t allows for both being estimates. `rate` is the chance of any false `worse` among all tests, and of any false
    `better`: each test has its share of it (Bonferroni).

    Raises:
        ValueError: the rows differ, there are fewer than three runs, or a value is not a finite number.
    """
    if list(reseedings) != list(now):
        raise ValueError(f"rows are {', '.join(now)}, re-seedings have {', '.join(reseedings)}")
    runs = {row: values.mean(axis=1) for row, values in reseedings.items()}
    means = {row: float(values.mean()) for row, values in now.items()}
    runs[ALL_ROWS] = np.mean([*runs.values()], axis=0)
    means[ALL_ROWS] = float(np.mean([*means.values()]))
    return [shift(row, runs[row], means[row], rate / len(runs)) for row in runs]


def shift(row: str, runs: npt.NDArray[np.float64], now_pct: float, level: float) -> Shift:
    """Judge one mean against those of the `runs` [runs].

    Raises:
        ValueError: there are fewer than three runs, or a value is not a finite number.
    """
    if len(runs) < 3 or not np.isfinite([*runs, now_pct]).all():
        raise ValueError(f"{row}: three or more re-seedings with finite error rates are needed")
    expected, spread, freedom = float(runs.mean()), float(runs.std(ddof=1)), len(runs) - 1
    # Never zero: the smallest step of an error rate is not known here, that of a float is.
    standard_error = max(spread, 1e-9) * math.sqrt(1 + 1 / len(runs))
    t = (now_pct - expected) / standard_error
    return Shift(
        row=row,
        expected_pct=expected,
        now_pct=now_pct,
        spread_pct=spread,
        least_worse_pct=float(stats.t.isf(level, freedom)) * standard_error,
        p_worse=float(stats.t.sf(t, freedom)),
        p_better=float(stats.t.cdf(t, freedom)),
        level=level,
    )
