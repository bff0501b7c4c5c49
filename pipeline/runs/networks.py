"""The trained networks as MLflow keeps them, and which of them is proposed as the champion."""

from collections.abc import Iterable
from pathlib import Path

from lenet5.paper.published import load_published
from lenet5.params import Row, Train
from lenet5.tracking.records import AnswersOnTest, Candidate, NetworkContent, RunRecord
from pipeline.files import PREDICTIONS, TRAINING_DATA, read_hyperparameters
from pipeline.results import read_predictions

EXAMPLES = 2
"""Images that show what a model takes."""
THRESHOLD_PATTERNS = 10_000
"""The first patterns of the training set, which the rejection threshold is found with."""


def network_content(row: Row, weights: Path, predictions: Path) -> NetworkContent:
    """One trained network, whole.

    Raises:
        UserError: a file is missing or damaged, or of another network.
    """
    # Late: torch takes a second to import, and MLflow mostly has the network already.
    import torch
    from safetensors import safe_open

    from lenet5.evaluation import scores_of
    from lenet5.models.sizes import Sizes
    from lenet5.recogniser import Description, greys_of, rejection_threshold
    from pipeline.tensors import load_network

    chosen = read_hyperparameters(weights.with_name("row.yaml"), "train")
    with safe_open(TRAINING_DATA, framework="numpy") as file:
        images = file.get_slice("images")
        patterns = images[: min(THRESHOLD_PATTERNS, images.get_shape()[0])]
    scores = scores_of(load_network(row, weights), torch.from_numpy(patterns)).numpy()
    description = Description(
        network=row.network,
        head=row.head,
        sizes=Sizes.among(chosen.model_dump()),
        j=chosen.j,
        energy_scale=chosen.energy_scale,
        rejection_threshold=rejection_threshold(scores),
    )
    return NetworkContent(description, weights, greys_of(patterns[:EXAMPLES]), answers_on_test(predictions))


def answers_on_test(path: Path) -> AnswersOnTest:
    """What the evaluate stage wrote of one network.

    Raises:
        UserError: the file is missing or damaged.
    """
    found = read_predictions(path)
    return AnswersOnTest(found.label, found.predicted)


def candidate(train: Train, runs: Iterable[RunRecord]) -> Candidate:
    """The network that is proposed as the champion; no test error has a say in which.

    It is of the row for which the paper has the smallest error (the first of several), with the first of the seeds.

    Raises:
        UserError: its predictions are missing or damaged.
    """
    published = load_published()
    row = min(train.rows, key=lambda name: published.result(train.rows[name].paper).error_pct)
    name, path = network_name(row, train.seeds[0]), PREDICTIONS / row / f"seed-{train.seeds[0]}.csv"
    key, digest = next((run.key, run.network.digest) for run in runs if run.network and run.network.name == name)
    return Candidate(key, name, digest, answers_on_test(path))


def network_name(row: str, seed: int) -> str:
    """What MLflow calls the network."""
    return f"{row}-seed-{seed}"
