"""Files as the stages before the paper's compare leave them, made up: plausible, and known exactly."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from lenet5.paper.figures import load_figures, load_misclassified
from lenet5.paper.published import load_published
from pipeline.files import TRAINING_DATA
from pipeline.paper.files import (
    CHOICES,
    CHOSEN,
    COMPARISON,
    CURVES,
    FIDELITY,
    FIGURES,
    OVERLAP,
    PAGE,
    PREDICTIONS,
    RATES,
    REJECTION,
)
from tests.pipeline.made_results import write_misclassified, write_predictions

PATTERNS = 10_000
PASSES = 20
SHARED = 30
CHOICE_LINES = """\
question,choice,stated,seed,passes,val_error_pct,train_error_pct,lowest_rate,highest_rate
,first guess,False,1,20,1.5000,0.4000,7.2e-05,0.0158
,first guess,False,2,20,1.7000,0.5000,7.1e-05,0.0161
loss,loss mle,False,1,20,1.8000,0.5000,6.9e-05,0.0155
loss,loss mle,False,2,20,1.8000,0.5000,7.0e-05,0.0156
j,j 30.0,False,1,20,1.4000,0.3000,7.2e-05,0.0158
j,j 30.0,False,2,20,1.5000,0.3000,7.3e-05,0.0159
initial weights,initial_weights fan-in,False,1,20,89.9000,90.1000,4e-06,0.0002
initial weights,initial_weights fan-in,False,2,20,90.0000,90.0000,4e-06,0.0002
order,order anew,True,1,20,1.3000,0.4000,7.2e-05,0.0158
order,order anew,True,2,20,1.6000,0.4000,7.1e-05,0.0158
"""
RATE_LINES = """\
choice,seed,parameter,lowest_rate,highest_rate
first guess,1,c1.weight,8e-05,0.0003
j 30.0,1,c1.weight,7.2e-05,0.0004
j 30.0,1,f6.weight,0.002,0.0158
j 30.0,2,c1.weight,7.3e-05,0.0004
j 30.0,2,f6.weight,0.002,0.0159
"""
CHOSEN_LINES = """\
choice: j 30.0
val_error_pct: 1.45
conventions: {j: 30.0, order: constant}
"""
ROWS = {row: row for row in load_figures().training_sets.points}
"""Each is judged by the published result of its own name."""


def write_results(folder: Path, seeds: Sequence[int] = (1, 2, 3), shared: int = SHARED) -> None:
    """Write everything to `folder`: each network errs as often as the paper's, on `shared` of the 82 and elsewhere."""
    for row, point in load_figures().training_sets.points.items():
        write_row(folder / PREDICTIONS / row, seeds, round(point.test_error_pct * 100), shared)
    write_curves(folder / CURVES, seeds)
    (folder / CHOICES).write_text(CHOICE_LINES)
    (folder / CHOSEN).write_text(CHOSEN_LINES)
    (folder / RATES).write_text(RATE_LINES)
    write_training_set(folder / TRAINING_DATA)


def write_comparison(folder: Path, rows: Iterable[str]) -> None:
    """Write to `folder` what compare leaves: its table, all rows reproduced, and stand-ins for all else."""
    lines = [f"{row},0.95,Fig. 9,1.000,0.900,1.100,3,reproduced" for row in rows]
    columns = "row,paper_error_pct,paper_source,error_pct,ci_low,ci_high,seeds,verdict"
    (folder / COMPARISON).write_text("\n".join([columns, *lines]) + "\n")
    write_made_up(folder, PAGE, FIDELITY, OVERLAP, REJECTION, FIGURES / "passes.png")


def write_made_up(folder: Path, *paths: Path) -> None:
    """Write files that stand in for those of a stage, each with other bytes."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"made up: {path}")


def labels() -> np.ndarray:
    """Digits in turn, but those of the paper's 82 as they are."""
    label = np.arange(PATTERNS) % 10
    wrong = load_misclassified()
    label[wrong.index] = wrong.label
    return label


def wrong_patterns(position: int, errors: int, shared: int) -> np.ndarray:
    """Some of the 82, from another one on for each network, and as many others as make `errors`."""
    wrong = load_misclassified()
    others = np.setdiff1d(np.arange(PATTERNS), wrong.index)
    again = np.roll(wrong.index, -10 * position)[: min(shared, errors)]
    return np.sort(np.concatenate([again, others[position * 40 :][: errors - len(again)]]))


def write_row(folder: Path, seeds: Sequence[int], errors: int, shared: int, label: np.ndarray | None = None) -> None:
    """Predictions of one row; `label` if not those of the paper's test set."""
    label = labels() if label is None else label
    for position, seed in enumerate(seeds):
        wrong = wrong_patterns(position, errors, shared)
        predicted = label.copy()
        predicted[wrong] = (label[wrong] + 1) % 10
        write_predictions(folder / f"seed-{seed}.csv", label, predicted)
        if position == 0:
            write_misclassified(folder / "errors.safetensors", wrong, label, predicted)


def write_curves(path: Path, seeds: Sequence[int]) -> None:
    """The paper's own curves, a little higher from seed to seed; of all rows but one the last pass alone."""
    published = load_published().training_curves
    lines = ["row,seed,pass,eta,train_error_pct,train_loss,test_error_pct"]
    for row in ROWS:
        for seed in seeds:
            for number in range(1 if row == "lenet5" else PASSES, PASSES + 1):
                errors = (published.train_error_pct[number - 1], published.test_error_pct[number - 1])
                train, test = (error * (1 + 0.03 * seed) for error in errors)
                lines.append(f"{row},{seed},{number},0.0005,{train:.4f},{train / 10:.4f},{test:.4f}")
    path.write_text("\n".join(lines) + "\n")


def write_training_set(path: Path) -> None:
    """As many patterns as Fig. 7 asks for: crosses."""
    images = np.full((400, 32, 32), -0.1, dtype=np.float32)
    images[:, 8:24, 15:18] = images[:, 12:15, 9:23] = 1.175
    indices = np.arange(400)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"images": images, "labels": indices % 10, "train": indices[:300], "validation": indices[300:]}, path)
