"""prepare: from the four MNIST files to the tensors that everything later reads."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

from lenet5.data import idx, mnist
from lenet5.data.mnist import CLASSES, MnistFiles, PinnedFile
from lenet5.data.patterns import network_input, stratified_split
from lenet5.errors import UserError
from lenet5.params import Params, Prepare
from lenet5.settings import Settings
from pipeline.files import RAW, TEST_DATA, TRAINING_DATA, writing


def main(params: Params, _settings: Settings) -> None:
    """Write the training and the test data."""
    prepare(params.prepare, mnist.FILES)


def prepare(options: Prepare, files: MnistFiles) -> None:
    """Read `files` from data/raw and write data/prepared.

    Raises:
        UserError: a file is missing, damaged or not the one that is expected.
    """
    training = read_set(files.train_images, files.train_labels)
    try:
        train, validation = stratified_split(training["labels"], options.validation_size, options.seed)
    except ValueError as error:
        raise UserError(f"prepare.validation_size: {error}") from error
    write(TRAINING_DATA, training | {"train": train, "validation": validation})
    del training
    write(TEST_DATA, read_set(files.test_images, files.test_labels))


def read_set(images: PinnedFile, labels: PinnedFile) -> dict[str, NDArray[Any]]:
    """The patterns and their classes: images float32 [n, 32, 32], labels int64 [n].

    Raises:
        UserError: one line that names the file and what was expected.
    """
    patterns = read(images, dimensions=3)
    classes = read(labels, dimensions=1)
    if len(patterns) != len(classes):
        raise UserError(f"{RAW / labels.name}: holds {len(classes)} labels for {len(patterns)} images")
    if classes.max(initial=0) >= CLASSES:
        raise UserError(f"{RAW / labels.name}: holds the label {classes.max()}, expected 0 to {CLASSES - 1}")
    try:
        return {"images": network_input(patterns), "labels": classes.astype(np.int64)}
    except ValueError as error:
        raise UserError(f"{RAW / images.name}: {error}") from error


def read(pinned: PinnedFile, dimensions: int) -> NDArray[np.uint8]:
    """One file of data/raw, verified once more: the disk and people's hands lie between the stages.

    Raises:
        UserError: the file is missing, or not the pinned one.
    """
    path = RAW / pinned.name
    try:
        content = path.read_bytes()
        pinned.check(content)
        return idx.parse(content, dimensions)
    except FileNotFoundError:
        raise UserError(f"{path}: is missing; the download stage fetches it") from None
    except ValueError as error:
        raise UserError(f"{path}: {error}; delete it and run the download stage again") from error


def write(path: Path, tensors: dict[str, NDArray[Any]]) -> None:
    """Write a safetensors file without metadata, whose order would differ from run to run.

    Raises:
        UserError: the disk does not take it.
    """
    with writing(path) as temporary:
        try:
            save_file(tensors, temporary)
        except SafetensorError as error:
            raise UserError(f"{path}: cannot be written: {error}") from error
