"""A small training set that can be learned, and jobs for it."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from lenet5.data.prepared import TrainingData
from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Distortions, Range
from lenet5.training.job import TrainingJob

CHOSEN = Hyperparameters(learning_rate=0.05, momentum=0.9, weight_decay=1e-4, batch_size=32, j=5.0, energy_scale=0.05)
RANGES = Distortions(
    original=0.1,
    scale=Range(low=0.77, high=1.40),
    scale_centre_row=26.0,
    squeeze=Range(low=0.90, high=1.10),
    shear=Range(low=-0.14, high=0.14),
    shift=Range(low=-2.0, high=2.0),
)


def make_data(train: int = 150, validation: int = 30) -> TrainingData:
    """A noisy picture per class on background; the validation patterns stand between the others."""
    source = torch.Generator().manual_seed(1998)
    patterns = train + validation
    labels = torch.arange(patterns) % 10
    pictures = torch.rand(10, 20, 20, generator=source).round()
    images = torch.full((patterns, 32, 32), -0.1)
    images[:, 6:26, 6:26] = pictures[labels] + 0.5 * torch.rand(patterns, 20, 20, generator=source) - 0.1
    order = torch.randperm(patterns, generator=source)
    return TrainingData(images, labels, order[validation:].sort().values, order[:validation].sort().values)


def write_data(path: Path, data: TrainingData) -> Path:
    """As `prepare` writes it."""
    tensors = {"images": data.images, "labels": data.labels, "train": data.train, "validation": data.validation}
    save_file(tensors, path)
    return path


def make_job(epochs: int = 3, distorted: bool = False, seed: int = 1, **changes: Any) -> TrainingJob:
    """A whole training; `changes` of a hyperparameter's name go there."""
    chosen = {name: changes.pop(name) for name in Hyperparameters.model_fields if name in changes}
    job = TrainingJob(
        network="lenet5",
        head="rbf",
        hyperparameters=CHOSEN.model_copy(update=chosen),
        distortions=RANGES if distorted else None,
        patterns="train",
        seed=seed,
        epochs=epochs,
        stop_after=epochs,
    )
    return job.model_copy(update=changes)
