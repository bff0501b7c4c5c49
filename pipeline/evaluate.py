"""evaluate: the one stage that opens the test set, for networks that are already chosen."""

import json

import torch

from lenet5.data.prepared import load_test_data
from lenet5.evaluation import scores_of
from lenet5.params import Params
from lenet5.settings import Settings
from pipeline.files import METRICS, MODELS, PREDICTIONS, TEST_DATA, write_text, writing_folder
from pipeline.predictions import predictions_csv, row_metrics, save_errors
from pipeline.tensors import load_network


def main(params: Params, _settings: Settings) -> None:
    """Write the predictions of every trained network, and the metrics of every row."""
    torch.set_num_threads(1)
    images, labels = load_test_data(TEST_DATA)
    metrics = {}
    with writing_folder(PREDICTIONS) as folder:
        for name, row in params.train.rows.items():
            (folder / name).mkdir()
            predicted = []
            for seed in params.train.seeds:
                scores = scores_of(load_network(row, MODELS / name / f"seed-{seed}.safetensors"), images)
                predicted.append(scores.argmax(1))
                write_text(folder / name / f"seed-{seed}.csv", predictions_csv(labels, scores))
            save_errors(folder / name / "errors.safetensors", images, labels, predicted[0])
            metrics[name] = row_metrics(params.train.seeds, labels, torch.stack(predicted))
    write_text(METRICS, json.dumps(metrics, indent=2) + "\n")
