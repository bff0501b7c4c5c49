"""Learning curves beside those of one published network, pass by pass; all errors are in percent."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CurveDifference:
    """Ours less the published curve [passes]: means over the seeds, and the standard error of their difference."""

    published_pct: Floats
    ours_pct: Floats
    standard_error_pct: Floats

    @property
    def difference_pct(self) -> Floats:
        difference: Floats = self.ours_pct - self.published_pct
        return difference

    @property
    def apart(self) -> npt.NDArray[np.bool_]:
        """Where the difference is more than twice its standard error [passes]."""
        return np.abs(self.difference_pct) > 2 * self.standard_error_pct


def compare_curves(ours: Floats, published: Floats, patterns: int, reading_error_pct: float) -> CurveDifference:
    """Compare `ours` [seeds, passes] with the curve of one network [passes or more], both errors on `patterns`.

    What counts as luck: the draw of the patterns (binomial, for either side by itself), the seeds, of which the
    published network is taken for one more, and the reading of the figure.
    """
    seeds, passes = ours.shape
    theirs, mean = published[:passes], ours[:, : len(published)].mean(axis=0)
    of_seeds = ours[:, : len(theirs)].var(axis=0, ddof=1) * (1 + 1 / seeds) if seeds > 1 else 0.0
    sampling = binomial_variance(mean, patterns) + binomial_variance(theirs, patterns)
    return CurveDifference(theirs, mean, np.sqrt(sampling + of_seeds + reading_error_pct**2))


def binomial_variance(error_pct: Floats, patterns: int) -> Floats:
    """Of error rates on so many patterns, in squared percent."""
    variance: Floats = error_pct * (100 - error_pct) / patterns
    return variance


def settled_after(error_pct: Floats, within_pct: float) -> int:
    """The pass from 1 on after which a curve [passes] stays within `within_pct` of its last value."""
    away = np.flatnonzero(np.abs(error_pct - error_pct[-1]) > within_pct)
    return int(away[-1]) + 2 if len(away) else 1
