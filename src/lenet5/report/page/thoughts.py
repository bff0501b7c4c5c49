"""What a network thought of a pattern: its scores as probabilities, as the loss took them in training."""

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from lenet5.hyperparameters import Hyperparameters
from lenet5.params import HeadName

Floats = npt.NDArray[np.float64]


def probabilities(head: HeadName, scores: Floats, chosen: Hyperparameters) -> Floats:
    """Scores [n, 10], larger is better -> probabilities of the ten digits [n, 10].

    The scores of the RBF head, minus its penalties, are scaled as in training: eq. 9 without its rubbish class.
    """
    scale = chosen.energy_scale if head == "rbf" else 1.0
    found: Floats = softmax(scale * scores, axis=1)
    return found


def reject_above(chosen: Hyperparameters) -> float:
    """The penalty beyond which the rubbish class of eq. 9 is more probable than a digit: none of the ten is meant."""
    return chosen.j / chosen.energy_scale
