"""Mini-batch SGD with momentum, and its schedule."""

import math

from torch import nn
from torch.optim import SGD

from lenet5.hyperparameters import Hyperparameters

WARM_UP = 0.3
"""Share of all steps in which the learning rate rises."""
START, END = 1 / 25, 1e-4
"""First and last learning rate, as shares of the peak."""


def one_cycle(progress: float, peak: float) -> float:
    """The learning rate after a share `progress` (0 to 1) of all steps: up to `peak` and down, along cosines.

    Smith & Topin 2018 ("super-convergence"), in the form that most libraries give it. A function of progress alone, so
    that a resumed training needs no scheduler's state.
    """
    if progress < WARM_UP:
        return peak * _cosine(START, 1.0, progress / WARM_UP)
    return peak * _cosine(1.0, END, (progress - WARM_UP) / (1 - WARM_UP))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def sgd(model: nn.Module, hyperparameters: Hyperparameters) -> SGD:
    """SGD over all parameters; the learning rate is set before every step."""
    return SGD(
        model.parameters(),
        lr=hyperparameters.learning_rate,
        momentum=hyperparameters.momentum,
        weight_decay=hyperparameters.weight_decay,
        fused=True,
    )
