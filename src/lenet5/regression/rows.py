"""The same row of the results before and after a change: is it worse on the same examples?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from lenet5.statistics import variance_of_mean

Correct = Mapping[int, npt.NDArray[np.bool_]]
"""By seed, [examples]."""


@dataclass(frozen=True)
class RowChange:
    """Error rates in percent over the seeds that both have, and what the paired test says of their difference."""

    seeds: int
    before_pct: float
    now_pct: float
    low_pct: float
    high_pct: float
    """The ends of the interval of the difference now - before."""
    newly_wrong: int
    newly_right: int
    """McNemar's counts, over seeds."""
    p_value: float
    """Two-sided."""
    finding: Literal["unchanged", "equal", "better", "worse"]

    @property
    def difference_pct(self) -> float:
        return self.now_pct - self.before_pct


def row_change(before: Correct, now: Correct, rate: float) -> RowChange:
    """Compare two results of a row, seed by seed and example by example.

    The paired differences have seeds and examples as crossed random effects (`variance_of_mean`): with one seed this is
    McNemar's test, with more it also allows for the luck of the seeds. `rate` is the chance of a false `better` or
    `worse` of a row that is neither, and 1 less it the confidence of the interval.

    Raises:
        ValueError: they have no seed in common, or other examples.
    """
    common = [seed for seed in now if seed in before]
    if not common or len({len(each[seed]) for each in (before, now) for seed in common}) != 1:
        raise ValueError("no seed in common, or other examples")
    was, is_ = (np.stack([each[seed] for seed in common]) for each in (before, now))
    change_pct = np.where(was == is_, 0.0, np.where(was, 100.0, -100.0))
    mean = float(change_pct.mean())
    variance, freedom = variance_of_mean(change_pct)
    half = float(stats.t.isf(rate / 2, freedom)) * math.sqrt(variance)
    worse_or_better: Literal["worse", "better"] = "worse" if mean > 0 else "better"
    same = not change_pct.any()
    return RowChange(
        seeds=len(common),
        before_pct=100 * float(1 - was.mean()),
        now_pct=100 * float(1 - is_.mean()),
        low_pct=mean - half,
        high_pct=mean + half,
        newly_wrong=int((was & ~is_).sum()),
        newly_right=int((~was & is_).sum()),
        p_value=1.0 if same else 2 * float(stats.t.sf(abs(mean) / math.sqrt(variance), freedom)),
        finding="unchanged" if same else worse_or_better if abs(mean) > half else "equal",
    )
