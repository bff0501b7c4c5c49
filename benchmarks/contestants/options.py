"""What a contestant is asked to do. Imports no torch: the arithmetic must be set before that."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Work = Callable[[], int]
"""Does the work once; gives the number of images, or of trials."""


@dataclass(frozen=True)
class Options:
    """One kind of work, the same for all contestants."""

    task: Literal["epoch", "evaluation", "answers", "connected"]
    training_data: Path
    test_data: Path
    patterns: int
    """The first so many of the training set, or of the test set."""
    batch_size: int
    distorted: bool
    trials: int
