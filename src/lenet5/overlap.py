"""How far two or more networks get the same patterns wrong, and how far that could be chance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ByChance:
    """What two networks would share if the errors of each fell on any patterns alike."""

    expected: float
    """Mean number of shared errors (hypergeometric)."""
    p_value: float
    """Of as many shared errors as were found, or more."""


@dataclass(frozen=True)
class SharedShares:
    """Whether another network shares errors with ours as ours do with each other; shares are means, in percent."""

    with_other_pct: float
    """Of the other network's errors, the share that one of ours makes too."""
    among_ours_pct: float
    """Of the errors of one of ours, the share that another of ours makes too."""
    difference_pct: float
    ci_low_pct: float
    ci_high_pct: float


def shared_errors(correct: Booleans) -> npt.NDArray[np.int64]:
    """How many errors each pair shares [networks, networks], from `correct` [networks, patterns]; own errors on the
    diagonal."""
    wrong = (~correct).astype(np.int64)
    return wrong @ wrong.T


def by_chance(first_errors: int, second_errors: int, shared: int, patterns: int) -> ByChance:
    """What chance alone would let two networks share, of `patterns` that are all equally hard.

    They are not: any two good networks share more than that, which is what `compare_shares` is for.
    """
    law = stats.hypergeom(patterns, first_errors, second_errors)
    return ByChance(first_errors * second_errors / patterns, float(law.sf(shared - 1)))


def compare_shares(ours: Booleans, other: Booleans, confidence: float) -> SharedShares | None:
    """Compare what `other` [patterns] shares with ours [networks, patterns] to what ours share, from correctness.

    Ours tell how much networks of one kind share, patterns being as hard as they are. Were the other network one more
    of that kind, the two shares would be equal but for luck. The interval of their difference is a jackknife's over
    the patterns, with the normal law.

    Returns None where there is nothing to share: fewer than two networks of ours, or one without errors.
    """
    wrong = np.vstack([~ours, ~other]).astype(np.float64)
    if len(ours) < 2 or not wrong.any(axis=1).all():
        return None
    shared = wrong @ wrong.T
    with_other, among_ours = mean_shares(shared)
    half = float(stats.norm.ppf((1 + confidence) / 2)) * jackknife_error(wrong, shared)
    difference = with_other - among_ours
    return SharedShares(with_other, among_ours, difference, difference - half, difference + half)


def mean_shares(shared: Floats) -> tuple[float, float]:
    """From shared errors [ours..., other] squared: the share of the other's errors, and of ours among ourselves [%]."""
    errors = np.diagonal(shared)
    networks = len(shared) - 1
    shares = 100 * shared[:networks] / np.maximum(errors, 1)
    among = shares[:, :networks][~np.eye(networks, dtype=bool)]
    return float(shares[:, networks].mean()), float(among.mean())


def jackknife_error(wrong: Floats, shared: Floats) -> float:
    """Standard error of the difference of the two shares: each pattern is left out in turn."""
    patterns = wrong.shape[1]
    with_other, among_ours = mean_shares(shared)
    changes = np.zeros(patterns)  # a pattern that nobody gets wrong changes nothing
    for pattern in np.flatnonzero(wrong.any(axis=0)):
        without = shared - np.outer(wrong[:, pattern], wrong[:, pattern])
        left_with, left_among = mean_shares(without)
        changes[pattern] = (left_with - left_among) - (with_other - among_ours)
    return float(np.sqrt((patterns - 1) / patterns * np.square(changes - changes.mean()).sum()))
