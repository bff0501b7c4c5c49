"""A small data set that can be learnt, and params small enough to learn it in a second."""

import contextlib
import importlib
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from lenet5.hyperparameters import PAPER_SIZES
from lenet5.params import load_params
from lenet5.settings import load_settings
from pipeline.files import BEST, TEST_DATA, TRAINING_DATA, write_yaml
from tests.pipeline.stage import write_params

TRAIN, VALIDATION, TEST = 400, 80, 80
SEARCH: dict[str, Any] = {"trials": 6, "round_size": 3, "rungs": [1, 2], "keep": 0.5, "startup_trials": 2}
HYPERPARAMETERS = {
    "learning_rate": 0.05,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "batch_size": 40,
    "j": 5.0,
    "energy_scale": 0.05,
    **PAPER_SIZES,
}
PLAIN = {"network": "lenet5", "head": "rbf", "distortions": False, "paper": "lenet5"}
ROWS = {
    "lenet5": PLAIN,
    "lenet5-dist": PLAIN | {"distortions": True, "paper": "lenet5-dist"},
    "modern": PLAIN | {"network": "lenet5-modern", "head": "softmax"},
}


def patterns(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images [count, 28, 28] and labels [count]: a bar for each digit, elsewhere and other in length, in some noise."""
    random = np.random.RandomState(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    images = random.randint(0, 60, (count, 28, 28)).astype(np.uint8)
    for image, label, length in zip(images, labels, random.randint(10, 20, count), strict=True):
        image[4 + 2 * label : 6 + 2 * label, 4 : 4 + length] = 255
    return images, labels


def write_prepared(folder: Path) -> None:
    """Write to `folder` what `prepare` makes of such patterns; ten of the test set have the wrong label."""
    for path, count, seed in ((TRAINING_DATA, TRAIN + VALIDATION, 1), (TEST_DATA, TEST, 2)):
        images, labels = patterns(count, seed)
        labels[:10] = labels[:10] if path == TRAINING_DATA else labels[9::-1]
        field = np.pad(images, ((0, 0), (2, 2), (2, 2))).astype(np.float32)
        tensors = {"images": field / 200 - np.float32(0.1), "labels": labels.astype(np.int64)}
        if path == TRAINING_DATA:
            tensors |= {"train": np.arange(TRAIN), "validation": np.arange(TRAIN, TRAIN + VALIDATION)}
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, folder / path)


def write_inputs(folder: Path, **blocks: dict[str, Any]) -> None:
    """Write data and params.yaml to `folder`; `blocks` change the small params further."""
    write_prepared(folder)
    write_small_params(folder, **blocks)


def write_small_params(folder: Path, **blocks: dict[str, Any]) -> None:
    """Only the params."""
    small: dict[str, dict[str, Any]] = {"search": SEARCH, "train": {"epochs": 2, "seeds": [1, 2], "rows": ROWS}}
    write_params(folder, **{name: small.get(name, {}) | blocks.get(name, {}) for name in {*small, *blocks}})


def write_best(folder: Path, **changes: Any) -> None:
    """What `search` would leave for `train`; `changes` are of the hyperparameters."""
    chosen = HYPERPARAMETERS | changes
    best = {"study": "0123456789abcdef", "trial": 1, "val_error_pct": 1.0, "hyperparameters": chosen}
    write_yaml(folder / BEST, best)


def run_here(stage: str, folder: Path, workers: int = 0) -> None:
    """Run a stage in `folder` as `python -m pipeline` does, but in this process, which has torch loaded already."""
    with contextlib.chdir(folder), patch.dict(os.environ, {"LENET5_WORKERS": str(workers)}):
        importlib.import_module(f"pipeline.{stage}").main(load_params(), load_settings())


def contents(folder: Path, *below: str) -> dict[str, bytes]:
    """All files at or below the paths `below` of `folder`."""
    roots = [folder / path for path in below]
    found = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
