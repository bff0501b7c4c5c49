"""From MNIST's pixels to what the network is given, and which patterns are set aside for validation."""

import numpy as np
from numpy.typing import NDArray

from lenet5.data.mnist import BACKGROUND, FOREGROUND

SIDE = 28
MARGIN = 2
"""Background around the 28x28 image, so that the ends of strokes reach the middle of C1's fields (section II.B)."""


def network_input(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey values 0 (background) to 255, [n, 28, 28], as the inputs -0.1 to 1.175 of the paper, [n, 32, 32].

    Raises:
        ValueError: the images have another size.
    """
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ValueError(f"has the shape {list(images.shape)}, expected [n, {SIDE}, {SIDE}]")
    # Padded as bytes and looked up at the end: the floats exist once, 245 MB for the training set.
    field = np.pad(images, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)), constant_values=0)
    value_of_grey = np.linspace(BACKGROUND, FOREGROUND, 256).astype(np.float32)
    return value_of_grey[field]


def stratified_split(
    labels: NDArray[np.int64], validation_size: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices for training and for validation, each sorted; both hold the classes in the proportions of `labels`.

    Raises:
        ValueError: a class would be missing on one side.
    """
    # Late: what serves a trained network prepares images too, and does without scikit-learn.
    from sklearn.model_selection import train_test_split

    everything = np.arange(len(labels), dtype=np.int64)
    train, validation = train_test_split(everything, test_size=validation_size, random_state=seed, stratify=labels)
    return np.sort(train), np.sort(validation)
