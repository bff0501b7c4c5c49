"""One network of ours beside that of 1998, pattern by pattern, and what distortions gain."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from lenet5.overlap import by_chance
from lenet5.paired import mcnemar
from lenet5.paper.figures import MisclassifiedIn1998
from lenet5.statistics import variance_of_mean

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Against1998:
    """What one network of ours gets wrong, beside the patterns of Fig. 8."""

    errors: int
    shared: int
    same_answer: int
    """Of the shared errors, those taken for the same wrong digit."""
    expected_by_chance: float
    chance_p_value: float
    """Of sharing as many or more, if errors fell on any patterns alike."""
    only_ours: int
    only_1998: int
    mcnemar_p_value: float


@dataclass(frozen=True)
class Gain:
    """By how much one row is better than another, in percentage points, with an interval."""

    gain_pct: float
    ci_low_pct: float
    ci_high_pct: float


def against_1998(label: Integers, predicted: Integers, wrong_1998: MisclassifiedIn1998) -> Against1998:
    """Compare a network's predictions [n] with the network of Fig. 8 on the same test patterns.

    Raises:
        ValueError: `label` are not the labels of the test set that the paper used.
    """
    if wrong_1998.index.max() >= len(label) or not np.array_equal(label[wrong_1998.index], wrong_1998.label):
        raise ValueError("the patterns of Fig. 8 have other labels: this is not the test set of the paper")
    correct = predicted == label
    errors, patterns = int((~correct).sum()), len(label)
    pair = mcnemar(correct, wrong_1998.correct(patterns))
    chance = by_chance(errors, len(wrong_1998.index), pair.both_wrong, patterns)
    return Against1998(
        errors=errors,
        shared=pair.both_wrong,
        same_answer=int((predicted[wrong_1998.index] == wrong_1998.predicted).sum()),
        expected_by_chance=chance.expected,
        chance_p_value=chance.p_value,
        only_ours=pair.only_first_wrong,
        only_1998=pair.only_second_wrong,
        mcnemar_p_value=pair.p_value,
    )


def gain(correct: Booleans, without: Booleans, confidence: float) -> Gain:
    """How much better `correct` is than `without`, both [seeds, patterns], the same seeds on the same patterns.

    The interval counts seeds and patterns as the table's does (statistics.variance_of_mean), on their differences.
    """
    differences = 100.0 * (correct.astype(np.float64) - without.astype(np.float64))
    variance, freedom = variance_of_mean(differences)
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * math.sqrt(variance)
    mean = float(differences.mean())
    return Gain(mean, mean - half, mean + half)
