"""Rejecting the patterns that a network is least sure of (section III.D, Fig. 10)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RejectionCurve:
    """What each possible threshold does [cuts], from rejecting nothing on: percent rejected, and percent wrong of the
    rest."""

    threshold: Floats
    """Patterns whose margin lies below it are rejected."""
    rejected_pct: Floats
    remaining_error_pct: Floats

    def first_at(self, remaining_error_pct: float) -> int | None:
        """The position of the first cut that leaves so few errors; None if only rejecting everything would."""
        enough = self.remaining_error_pct <= remaining_error_pct
        return int(enough.argmax()) if enough.any() else None


def margins(scores: npt.NDArray[Any]) -> Floats:
    """How sure a network is [n]: the difference of the two best of `scores` [n, classes], in double precision."""
    best = np.partition(scores.astype(np.float64), -2, axis=1)[:, -2:]
    difference: Floats = best[:, 1] - best[:, 0]
    return difference


def rejection_curve(scores: Floats, correct: npt.NDArray[np.bool_]) -> RejectionCurve:
    """All that rejection can do, from `scores` [n, classes], larger is better, and `correct` [n].

    Patterns with the same margin are rejected together. At least one pattern is kept.
    """
    margin = margins(scores)
    order = np.argsort(margin, kind="stable")
    sure, wrong = margin[order], ~correct[order]
    rejected = np.flatnonzero(np.diff(sure, prepend=-np.inf) > 0)
    left = len(sure) - rejected
    wrong_left = wrong[::-1].cumsum()[::-1][rejected]
    return RejectionCurve(sure[rejected], 100 * rejected / len(sure), 100 * wrong_left / left)
