"""What is written of networks that met the test set: predictions, misclassified patterns, metrics."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from lenet5.statistics import confusion_counts, summarise
from pipeline.tensors import write_tensors

CONFIDENCE = 0.95


def predictions_csv(labels: Tensor, scores: Tensor) -> str:
    """One line per test pattern; a float32 has at most nine significant digits."""
    lines = ["index,label,predicted," + ",".join(f"score_{digit}" for digit in range(10))]
    predicted = scores.argmax(1).tolist()
    for index, (label, choice, row) in enumerate(zip(labels.tolist(), predicted, scores.tolist(), strict=True)):
        lines.append(f"{index},{label},{choice}," + ",".join(f"{score:.9g}" for score in row))
    return "\n".join(lines) + "\n"


def save_errors(path: Path, images: Tensor, labels: Tensor, predicted: Tensor) -> None:
    """Keep the misclassified patterns, so that no later stage needs the test set to draw them."""
    index = (predicted != labels).nonzero()[:, 0]
    wrong = {"images": images[index], "index": index, "label": labels[index], "predicted": predicted[index]}
    write_tensors(path, wrong)


def row_metrics(seeds: tuple[int, ...], labels: Tensor, predicted: Tensor) -> dict[str, Any]:
    """What metrics.json says of one row; `predicted` is [seeds, n]. The confusion matrix is summed over the seeds."""
    summary = summarise(predicted.eq(labels).numpy(), CONFIDENCE)
    confusion: npt.NDArray[np.int64] = sum(confusion_counts(labels.numpy(), each.numpy()) for each in predicted)  # type: ignore[assignment]
    return {
        "error_pct": rounded(summary.error_pct),
        "std_pct": None if summary.std_pct is None else rounded(summary.std_pct),
        "ci_low_pct": rounded(summary.ci_low_pct),
        "ci_high_pct": rounded(summary.ci_high_pct),
        "seeds": {f"seed-{seed}": rounded(pct) for seed, pct in zip(seeds, summary.errors_pct, strict=True)},
        "confusion": confusion.tolist(),
    }


def rounded(pct: float) -> float:
    """To what 10,000 patterns can tell, and two digits more."""
    return round(pct, 4)
