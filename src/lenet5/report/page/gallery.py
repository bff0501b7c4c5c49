"""The patterns that a network got wrong, with what it thought of them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.image import imsave

from lenet5.report.errors import BACKGROUND, FOREGROUND

Integers = npt.NDArray[np.int64]
MOST_PATTERNS = 120


@dataclass(frozen=True)
class Mistake:
    """A misclassified pattern as PNG, dark on light, and the probabilities in percent of the two digits it is about."""

    png: bytes
    index: int
    label: int
    predicted: int
    label_pct: float
    predicted_pct: float


@dataclass(frozen=True)
class Gallery:
    """The mistakes of a row's first network, the surest first; `total` counts those that are not shown, too."""

    row: str
    seed: int
    total: int
    mistakes: Sequence[Mistake]


def gallery(
    row: str,
    seed: int,
    images: npt.NDArray[np.float32],
    index: Integers,
    label: Integers,
    predicted: Integers,
    thoughts: npt.NDArray[np.float64],
) -> Gallery:
    """The surest mistakes of a network, at most 120.

    Args:
        images: [m, 32, 32], background -0.1, foreground 1.175; `index`, `label` and `predicted`: [m].
        thoughts: probabilities of the ten digits [m, 10].
    """
    percent = 100 * thoughts
    sure = percent[np.arange(len(index)), predicted]
    order = np.argsort(-sure, kind="stable")[:MOST_PATTERNS]
    mistakes = [
        Mistake(
            pattern_png(images[position]),
            int(index[position]),
            int(label[position]),
            int(predicted[position]),
            float(percent[position, label[position]]),
            float(sure[position]),
        )
        for position in order
    ]
    return Gallery(row, seed, len(index), mistakes)


def pattern_png(image: npt.NDArray[np.float32]) -> bytes:
    """An image [32, 32] as PNG in its own size, white the background and black the foreground."""
    with io.BytesIO() as file:
        imsave(
            file,
            image,
            vmin=BACKGROUND,
            vmax=FOREGROUND,
            cmap="gray_r",
            format="png",
            metadata={"Software": None},  # type: ignore[dict-item]
        )
        return file.getvalue()
