"""The gate's own data: two thirds of MNIST's training set, as four files of MNIST's form. The test set is not read."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet5.data import idx, mnist
from lenet5.data.mnist import MnistFiles, PinnedFile
from lenet5.errors import UserError
from pipeline.files import RAW
from regression.profile import Profile

PARTS = 3


def write_subset(source: Path, profile: Profile) -> MnistFiles:
    """Write data/raw of the small experiment here, from the raw files in `source`; what each file must hold.

    Raises:
        UserError: a raw file is missing or not MNIST's.
    """
    images, labels = read_raw(source, mnist.FILES.train_images, 3), read_raw(source, mnist.FILES.train_labels, 1)
    RAW.mkdir(parents=True, exist_ok=True)
    kinds = ((profile.training, mnist.FILES[:2]), (profile.held_out, mnist.FILES[2:]))
    return MnistFiles(
        *(
            write(pinned.name, values[rest::PARTS])
            for rest, files in kinds
            for pinned, values in zip(files, (images, labels), strict=True)
        )
    )


def read_raw(folder: Path, pinned: PinnedFile, dimensions: int) -> NDArray[np.uint8]:
    """One of MNIST's files.

    Raises:
        UserError: it is missing or not MNIST's.
    """
    path = folder / pinned.name
    try:
        content = path.read_bytes()
        pinned.check(content)
        return idx.parse(content, dimensions)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); `dvc repro download` fetches it") from error
    except ValueError as error:
        raise UserError(f"{path}: {error}; delete it, `dvc repro download` fetches it anew") from error


def write(name: str, values: NDArray[np.uint8]) -> PinnedFile:
    """Write `values` as an IDX file to data/raw; its name, digest and size."""
    sizes = np.array([idx.UNSIGNED_BYTES + values.ndim, *values.shape], dtype=">u4")
    content = sizes.tobytes() + values.tobytes()
    (RAW / name).write_bytes(content)
    return PinnedFile(name, hashlib.sha256(content).hexdigest(), len(content))
