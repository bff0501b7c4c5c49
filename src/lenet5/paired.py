"""Two classifiers on the same examples: who is right where the other is wrong."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats


@dataclass(frozen=True)
class Paired:
    """Where two classifiers differ: numbers of examples that only one of them got wrong, and McNemar's exact test."""

    only_first_wrong: int
    only_second_wrong: int
    both_wrong: int
    p_value: float
    """Two-sided: of a split at least as uneven if each differing example were equally likely to fall either way."""


def mcnemar(first_correct: npt.NDArray[np.bool_], second_correct: npt.NDArray[np.bool_]) -> Paired:
    """McNemar's test of two classifiers from their correctness [examples] on the same examples, in its exact form.

    Raises:
        ValueError: the two are not of the same, one-dimensional shape.
    """
    if first_correct.ndim != 1 or first_correct.shape != second_correct.shape:
        raise ValueError(f"both must be [examples], not {list(first_correct.shape)} and {list(second_correct.shape)}")
    only_first = int((~first_correct & second_correct).sum())
    only_second = int((first_correct & ~second_correct).sum())
    differing = only_first + only_second
    p_value = float(stats.binomtest(only_first, differing).pvalue) if differing else 1.0
    return Paired(only_first, only_second, int((~first_correct & ~second_correct).sum()), p_value)
