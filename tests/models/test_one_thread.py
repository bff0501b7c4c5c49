"""The network as computed on one thread is the network layer by layer."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lenet5.models import lanes
from lenet5.models.layers import A, S
from lenet5.models.lenet import LeNet5, build
from lenet5.models.one_thread import F6
from lenet5.models.sizes import Sizes
from lenet5.randomness import generator

SMALL = Sizes(c1_maps=2, c3_maps=3, c5_units=4, f6_units=5)
SIZES = st.builds(Sizes, st.integers(1, 9), st.integers(1, 20), st.integers(1, 40), st.integers(1, 40))


def network_of(sizes: Sizes, seed: int) -> LeNet5:
    """With biases other than 0, and coefficients that differ."""
    network = build("lenet5", "softmax", sizes, seed)
    assert isinstance(network, LeNet5)
    source = generator("test weights", seed)
    for parameter in network.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape, generator=source)
    return network


def parameters_of(network: LeNet5) -> list[Tensor]:
    """Those up to F6."""
    return [parameter for name, parameter in network.named_parameters() if not name.startswith("output")]


def results(f6: Tensor, network: LeNet5, weighting: Tensor) -> list[Tensor]:
    """F6, and the gradients of a weighted sum of it."""
    gradients = torch.autograd.grad((f6 * weighting).sum(), parameters_of(network))
    return [f6.detach(), *gradients]


@settings(max_examples=25)
@given(SIZES, st.integers(1, 40), st.integers(0, 99))
def test_values_and_gradients_are_those_layer_by_layer(sizes: Sizes, images: int, seed: int) -> None:
    network = network_of(sizes, seed)
    given_images = torch.randn(images, 32, 32, generator=generator("images", seed))
    weighting = torch.randn(images, sizes.f6_units, generator=generator("weighting", seed))
    actual = results(network.f6_units(given_images), network, weighting)
    network.double()
    expected = results(network.layer_by_layer(given_images.double()), network, weighting)
    for one, other in zip(actual, expected, strict=True):
        # In the paper's sizes it is 1e-5 (test_lenet.py); a small layer's gradient may be what two large ones leave.
        assert (one - other).abs().max() <= 1e-4 * other.abs().max()


def test_gradient_is_the_limit_of_differences() -> None:
    network = network_of(SMALL, 3).double()
    images = torch.randn(9, 32, 32, dtype=torch.float64, generator=generator("images", 3))
    # The step is large against the error of lanes.tanh (7e-7), which bounds what differences can tell.
    assert torch.autograd.gradcheck(
        lambda *parameters: F6.apply(images, network.c3.links, *parameters),  # type: ignore[no-untyped-call]
        parameters_of(network),
        eps=1e-3,
        atol=1e-3,
        rtol=1e-3,
    )


def test_an_image_is_seen_the_same_in_any_company() -> None:
    network = build("lenet5", "rbf", seed=1)
    images = torch.randn(20, 32, 32, generator=generator("images", 4))
    torch.testing.assert_close(network(images)[13:14], network(images[13:14]), rtol=1e-5, atol=1e-4)


def test_the_layers_are_walked_where_nothing_is_compiled_for() -> None:
    network = network_of(SMALL, 5)
    images = torch.randn(3, 32, 32, generator=generator("images", 5))
    exported = torch.export.export(network, (images,)).module()
    torch.testing.assert_close(exported(images), network(images), rtol=1e-5, atol=1e-5)


def test_tanh_is_tanh_to_float32() -> None:
    at = np.concatenate([np.linspace(-30, 30, 60_001), np.geomspace(1e-30, 1e-2, 1000)]).astype(np.float32)
    row = at.copy()
    lanes.tanh(row)
    expected = np.tanh(np.float64(np.float32(S)) * at)
    assert (np.abs(row - expected) <= 7e-7 * np.abs(expected)).all()
    assert (np.abs(row - expected) <= 3e-7 * np.abs(expected))[np.abs(at) < 6 / S].all()
    assert np.abs(row).max() <= 1


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_lamberts_fraction_level_by_level(levels: int) -> None:
    p, q = lanes.lambert(levels)
    x, fraction = 0.7, 2 * levels + 1.0
    for odd in range(2 * levels - 1, 0, -2):
        fraction = odd + x**2 / fraction
    value = x * sum(c * x ** (2 * k) for k, c in enumerate(p)) / sum(c * x ** (2 * k) for k, c in enumerate(q))
    assert value == pytest.approx(x / fraction, rel=1e-6)
    assert abs(value - math.tanh(x)) < 10.0 ** (-1.5 * levels)


def test_the_amplitude_is_the_layers() -> None:
    network, images = network_of(SMALL, 6), torch.full((1, 32, 32), 50.0)
    assert network.f6_units(images).abs().max() <= A + 1e-6
