"""The report page: what it is made of, from the files of the stages before."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from torch import nn

from lenet5.hyperparameters import PAPER_SIZES, Hyperparameters
from lenet5.models.layers import EuclideanRbf
from lenet5.models.lenet import LeNet5, multiply_adds
from lenet5.models.sizes import Sizes
from lenet5.paper.published import Published
from lenet5.params import Params, Row
from lenet5.report.page.cost import NetworkCost, layer_costs, parameters_of
from lenet5.report.page.exported import exported
from lenet5.report.page.gallery import Gallery, gallery
from lenet5.report.page.render import Demonstration, Page, Study, page_html
from lenet5.report.page.thoughts import probabilities
from pipeline.files import MODELS, TRIALS, read_hyperparameters
from pipeline.results import RowResults
from pipeline.study_results import TrialState, read_trials
from pipeline.tensors import load_network


def page_of(
    params: Params,
    results: Mapping[str, RowResults],
    labels: Mapping[str, str],
    published: Published,
    comparison: str,
    figures: Mapping[str, bytes],
) -> str:
    """The page as HTML.

    Raises:
        UserError: a network, its row.yaml or the study's trials are missing or damaged.
    """
    rows = params.train.rows
    first = params.train.seeds[0]
    chosen = {name: read_hyperparameters(MODELS / name / "row.yaml", "train") for name in rows}
    networks = {name: load_network(row, weights_of(name, first)) for name, row in rows.items()}
    return page_html(
        Page(
            comparison=comparison,
            rows=[described(row) for row in rows.values()],
            citation=published.citation,
            confidence=params.compare.confidence,
            margin_pct=params.compare.equivalence_margin_pct,
            paper_uncertainty_pct=published.uncertainty.pct,
            figures=figures,
            galleries=[gallery_of(labels[name], row, results[name], chosen[name], first) for name, row in rows.items()],
            study=study(next(iter(chosen.values()))),
            costs=[cost(labels[name], row, networks[name], chosen[name]) for name, row in rows.items()],
            demonstration=demonstration(labels, networks, chosen, first),
            portable=params.numerics == "portable",
        )
    )


def weights_of(row: str, seed: int) -> Path:
    return MODELS / row / f"seed-{seed}.safetensors"


def described(row: Row) -> str:
    """How the networks of a row came about, in words."""
    network = {"lenet5": "The network of 1998", "lenet5-modern": "What is called LeNet-5 today"}[row.network]
    head = {"rbf": "with its fixed output codes", "softmax": "with a trained softmax output"}[row.head]
    patterns = "patterns distorted anew in every pass" if row.distortions else "MNIST's training patterns as they are"
    return f"{network} {head}, trained on {patterns}."


def gallery_of(label: str, row: Row, results: RowResults, chosen: Hyperparameters, seed: int) -> Gallery:
    """What the row's first network got wrong, and what it thought."""
    wrong = results.misclassified
    thoughts = probabilities(row.head, results.predictions[seed].scores[wrong.index], chosen)
    return gallery(label, seed, wrong.images, wrong.index, wrong.label, wrong.predicted, thoughts)


def study(chosen: Hyperparameters) -> Study:
    states = Counter(trial.state for trial in read_trials(TRIALS))
    values = {name: value for name, value in chosen.model_dump().items() if value != PAPER_SIZES.get(name)}
    return Study({state: states[state] for state in get_args(TrialState)}, values)


def cost(label: str, row: Row, network: nn.Module, chosen: Hyperparameters) -> NetworkCost:
    return NetworkCost(label, parameters_of(network), multiply_adds(row.network, Sizes.among(chosen.model_dump())))


def demonstration(
    labels: Mapping[str, str], networks: Mapping[str, nn.Module], chosen: Mapping[str, Hyperparameters], seed: int
) -> Demonstration | None:
    """The network to run on the page: the first seed of the last row that has the paper's output, whatever its error.

    None if no row has.
    """
    for name in reversed(list(networks)):
        network = networks[name]
        if isinstance(network, LeNet5) and isinstance(network.output, EuclideanRbf):
            return Demonstration(labels[name], seed, exported(network, chosen[name]), layer_costs(network))
    return None
