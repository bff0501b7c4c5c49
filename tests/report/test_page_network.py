"""The network on the page, in JavaScript, answers as the Python network does."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from lenet5.evaluation import scores_of
from lenet5.models.lenet import LeNet5, build, multiply_adds
from lenet5.models.sizes import PAPER_SIZES, Sizes
from lenet5.report.page.cost import layer_costs, parameters_of
from lenet5.report.page.exported import exported
from lenet5.report.page.render import SCRIPTS, text_of
from lenet5.report.page.thoughts import probabilities, reject_above
from tests.report.javascript import in_node
from tests.report.page_network import CHOSEN, PAGE, in_python, inputs, mnist_digits, network_of_the_page

ANSWERS = """(() => {
    const network = new LeNet5(argument.network);
    return argument.images.map((image) => network.layers(image).penalties);
})()"""


def penalties_in_node(network: dict[str, Any], images: torch.Tensor) -> torch.Tensor:
    argument = {"network": network, "images": images.flatten(1).tolist()}
    return torch.tensor(in_node(("lenet5.js",), ANSWERS, argument))


def made(sizes: Sizes = PAPER_SIZES) -> LeNet5:
    """An untrained network whose every parameter is something else."""
    network = build("lenet5", "rbf", sizes, seed=3)
    assert isinstance(network, LeNet5)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(4)))
    return network


@pytest.mark.parametrize("sizes", [PAPER_SIZES, replace(PAPER_SIZES, c1_maps=4, c3_maps=7, c5_units=20)], ids=str)
def test_javascript_computes_what_python_does_in_any_size(sizes: Sizes) -> None:
    network, images = made(sizes), torch.rand(20, 32, 32, generator=torch.Generator().manual_seed(5))
    found = penalties_in_node(exported(network, CHOSEN), images)
    torch.testing.assert_close(found, -scores_of(network, images), rtol=1e-4, atol=1e-4)


def test_probabilities_and_refusals_are_those_of_the_gallery() -> None:
    penalties = np.array([[40.0, 41.0, *[90.0] * 8], [3.0, 29.0, *[200.0] * 8]])
    network = exported(made(), CHOSEN)
    expression = "argument.penalties.map((each) => new LeNet5(argument.network).probabilities(each))"
    found = in_node(("lenet5.js",), expression, {"network": network, "penalties": penalties.tolist()})
    np.testing.assert_allclose(found, probabilities("rbf", -penalties, CHOSEN), rtol=1e-9)
    expression = "argument.penalties.map((each) => new LeNet5(argument.network).digit(each))"
    assert reject_above(CHOSEN) == pytest.approx(30)
    assert in_node(("lenet5.js",), expression, {"network": network, "penalties": penalties.tolist()}) == [None, 0]


@pytest.mark.network
def test_answers_for_1000_test_digits_are_pythons() -> None:
    network = network_of_the_page()
    images = inputs(mnist_digits(1000))
    expected = -scores_of(in_python(network), images)
    found = penalties_in_node(network, images)
    assert torch.equal(found.argmin(1), expected.argmin(1))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_the_networks_own_examples_are_read_as_what_they_are() -> None:
    expression = """EXAMPLES.map((strokes) => {
        const network = new LeNet5(argument);
        return network.digit(network.layers(networkInput(rasterise(strokes))).penalties);
    })"""
    assert in_node(("lenet5.js", "strokes.js"), expression, network_of_the_page()) == list(range(10))


def test_strokes_are_fitted_and_centred_as_mnist_was() -> None:
    corner = [[[3, 3], [3, 9], [5, 9]]]
    large = [[[30 * x, 30 * y] for x, y in corner[0]]]
    small_ink, large_ink = in_node(("strokes.js",), "argument.map((each) => [...rasterise(each)])", [corner, large])
    np.testing.assert_allclose(small_ink, large_ink, atol=1e-6)
    ink = np.reshape(small_ink, (28, 28))
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.5), np.flatnonzero(ink.max(axis=0) > 0.5)
    assert np.ptp(rows) + 1 == pytest.approx(20, abs=1)
    assert np.ptp(columns) + 1 < 10
    places = np.arange(28) + 0.5
    assert places @ ink.sum(axis=1) / ink.sum() == pytest.approx(14, abs=0.2)
    assert places @ ink.sum(axis=0) / ink.sum() == pytest.approx(14, abs=0.2)


def test_a_dot_is_no_division_by_zero() -> None:
    image = in_node(("strokes.js",), "[...networkInput(rasterise(argument))]", [[[50, 50]]])
    assert len(image) == 32 * 32
    assert min(image) == pytest.approx(-0.1)
    assert 1 < max(image) < 1.176


def test_costs_are_the_papers() -> None:
    layers = layer_costs(made())
    assert [layer.name for layer in layers] == ["C1", "S2", "C3", "S4", "C5", "F6", "output"]
    # Section II.B: 60,000 trainable parameters, 340,908 connections; layer by layer as printed there.
    assert sum(layer.parameters for layer in layers) == parameters_of(made()) == 60_000
    assert sum(layer.connections for layer in layers) == 340_908
    assert [layer.connections for layer in layers[:4]] == [122_304, 5_880, 151_600, 2_000]
    assert sum(layer.multiply_adds for layer in layers) == multiply_adds("lenet5") == 326_520


def test_a_softmax_network_cannot_be_exported() -> None:
    network = build("lenet5", "softmax")
    assert isinstance(network, LeNet5)
    with pytest.raises(ValueError, match="RBF"):
        exported(network, CHOSEN)


@pytest.mark.parametrize("name", ["page.css", *SCRIPTS])
def test_the_committed_page_is_made_of_the_files_of_today(name: str) -> None:
    is_in = text_of(name) in PAGE.read_text(encoding="utf-8")
    assert is_in, "run `dvc repro compare`"
