"""One network beside that of 1998, and the gain of one row over another."""

import numpy as np
import pytest

from lenet5.against_1998 import against_1998, gain
from lenet5.paper.figures import MisclassifiedIn1998

WRONG = MisclassifiedIn1998(index=np.array([2, 5, 7]), label=np.array([2, 5, 7]), predicted=np.array([0, 1, 1]))
LABEL = np.arange(100) % 10


def test_shared_errors_and_equal_answers_are_counted() -> None:
    predicted = LABEL.copy()
    predicted[[2, 5, 9]] = [0, 3, 1]
    found = against_1998(LABEL, predicted, WRONG)
    assert (found.errors, found.shared, found.same_answer) == (3, 2, 1)
    assert (found.only_ours, found.only_1998) == (1, 1)
    assert found.mcnemar_p_value == 1
    assert found.expected_by_chance == pytest.approx(3 * 3 / 100)


@pytest.mark.parametrize("label", [LABEL[:6], np.roll(LABEL, 1)])
def test_another_test_set_is_refused(label: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not the test set of the paper"):
        against_1998(label, label, WRONG)


def test_the_interval_of_a_gain_holds_it_as_often_as_promised() -> None:
    """Patterns of very different difficulty, each network missing them by itself; distortions spare a fifth."""
    generator, trials, held = np.random.default_rng(7), 300, 0
    for _ in range(trials):
        difficulty = generator.beta(0.02, 1.5, 4000)
        without, correct = (generator.random((3, 4000)) >= share * difficulty for share in (1.0, 0.8))
        found = gain(correct, without, 0.95)
        held += found.ci_low_pct <= 100 * 0.2 * 0.02 / 1.52 <= found.ci_high_pct
    assert 0.91 <= held / trials <= 0.985


def test_a_gain_is_positive_where_fewer_are_wrong() -> None:
    without = np.ones((2, 50), dtype=bool)
    correct = without.copy()
    without[:, :10] = False
    correct[:, :2] = False
    assert gain(correct, without, 0.95).gain_pct == pytest.approx(16)
