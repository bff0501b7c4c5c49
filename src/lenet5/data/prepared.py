"""The tensors that `prepare` wrote, read back."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from lenet5.errors import UserError


@dataclass(frozen=True)
class TrainingData:
    """The 60,000 patterns of the training set and how they are split."""

    images: Tensor  # float32 [patterns, 32, 32]
    labels: Tensor  # int64 [patterns]
    train: Tensor  # int64, indices of the patterns to learn from during the search
    validation: Tensor  # int64, indices of the patterns to choose by

    def on(self, device: torch.device) -> Self:
        """The same with the patterns on `device`, where all of them fit: so no step copies any from the host."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))


def load_training_data(path: Path) -> TrainingData:
    """Read the training set and its split.

    Raises:
        UserError: the file is missing, damaged or lacks a tensor.
    """
    tensors = _load(path, ("images", "labels", "train", "validation"))
    return TrainingData(tensors["images"], tensors["labels"], tensors["train"], tensors["validation"])


def load_test_data(path: Path) -> tuple[Tensor, Tensor]:
    """Read the test set: images [10000, 32, 32] and labels [10000].

    Raises:
        UserError: the file is missing, damaged or lacks a tensor.
    """
    tensors = _load(path, ("images", "labels"))
    return tensors["images"], tensors["labels"]


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); `dvc repro prepare` makes it") from error


def _load(path: Path, names: tuple[str, ...]) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
        return {name: tensors[name] for name in names}
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error}); `dvc repro prepare` makes it") from error
    except (SafetensorError, KeyError) as error:
        raise UserError(f"{path}: is damaged ({error}); `dvc repro -f prepare` makes it anew") from error
