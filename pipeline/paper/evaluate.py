"""evaluate: the one stage that opens the test set, for the curves and figures that the paper itself plots."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from lenet5.data.prepared import load_test_data
from lenet5.errors import UserError
from lenet5.evaluation import scores_of
from lenet5.models.lenet import build
from lenet5.params import Params
from lenet5.sdlm.params import PaperParams, PaperRow
from lenet5.settings import Settings
from pipeline.files import TEST_DATA, write_text, writing_folder
from pipeline.paper.files import CURVES, METRICS, MODELS, PREDICTIONS
from pipeline.predictions import predictions_csv, row_metrics, save_errors

COLUMNS = ("row", "seed", "pass", "eta", "train_error_pct", "train_loss", "test_error_pct")


def main(_params: Params, paper: PaperParams, _settings: Settings) -> None:
    """Write the predictions of every network after its last pass, the test errors by pass, and the metrics of each row.

    Raises:
        UserError: a file of `train` or the test set is missing or damaged.
    """
    torch.set_num_threads(1)
    images, labels = load_test_data(TEST_DATA)
    metrics, curves = {}, []
    with writing_folder(PREDICTIONS) as folder:
        for name, row in paper.train.rows.items():
            (folder / name).mkdir()
            predicted = []
            for seed in paper.train.seeds:
                scores = scores_by_pass(MODELS / name / f"seed-{seed}.safetensors", row, images)
                last = scores[max(scores)]
                predicted.append(last.argmax(1))
                write_text(folder / name / f"seed-{seed}.csv", predictions_csv(labels, last))
                curves += curve(name, seed, scores, labels)
            save_errors(folder / name / "errors.safetensors", images, labels, predicted[0])
            metrics[name] = row_metrics(paper.train.seeds, labels, torch.stack(predicted))
    write_text(CURVES, curves_csv(curves))
    write_text(METRICS, json.dumps(metrics, indent=2) + "\n")


def scores_by_pass(weights: Path, row: PaperRow, images: Tensor) -> dict[int, Tensor]:
    """Scores [n, 10] after the last pass, or after every one if the row is to have a curve; passes count from 1.

    Raises:
        UserError: the file is missing or damaged, or of another network.
    """
    network = build("lenet5", "rbf")
    try:
        by_pass = load_file(weights)
        total = min(len(tensor) for tensor in by_pass.values())
        scores = {}
        for number in range(1 if row.every_pass else total, total + 1):
            network.load_state_dict({name: tensor[number - 1] for name, tensor in by_pass.items()})
            scores[number] = scores_of(network, images)
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{weights}: not the weights of a LeNet-5, pass by pass ({reason}); `make paper`") from error
    return scores


def curve(row: str, seed: int, scores: dict[int, Tensor], labels: Tensor) -> list[list[object]]:
    """A line of curves.csv for each pass in `scores`."""
    path = MODELS / row / f"seed-{seed}.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            history = {int(line["pass"]): line for line in csv.DictReader(file)}
        told = {
            number: [history[number][name] for name in ("eta", "train_error_pct", "train_loss")] for number in scores
        }
    except (OSError, UnicodeDecodeError, ValueError, TypeError, KeyError) as error:
        raise UserError(f"{path}: is missing or not what train writes; `make paper`") from error
    wrong_pct = {number: 100 * float((found.argmax(1) != labels).double().mean()) for number, found in scores.items()}
    return [[row, seed, number, *told[number], f"{wrong_pct[number]:.4g}"] for number in scores]


def curves_csv(lines: Sequence[Sequence[object]]) -> str:
    """What the figures of the paper show: on-line training errors and test errors by pass."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    return text.getvalue()
