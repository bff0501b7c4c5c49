"""The layers do the mathematics of section II.B."""

import pytest
import torch
from torch.nn import functional

from lenet5.models.layers import Convolution, EuclideanRbf, Subsampling, squash
from tests.models import obvious


def test_squashing_function_passes_through_plus_and_minus_one() -> None:
    at = torch.tensor([1.0, -1.0, 0.0, 100.0, -100.0], dtype=torch.float64)
    assert squash(at).tolist() == pytest.approx([1, -1, 0, 1.7159, -1.7159], abs=2e-5)
    torch.testing.assert_close(squash(at), obvious.squash(at))


def test_convolution_has_kernels_for_its_connections_alone() -> None:
    layer = Convolution(3, ((0, 2), (1,)))
    torch.nn.init.normal_(layer.weight)
    torch.nn.init.normal_(layer.bias)
    maps = torch.randn(2, 3, 9, 8)
    first = functional.conv2d(maps[:, [0, 2]], layer.weight[None, :2], layer.bias[:1])
    second = functional.conv2d(maps[:, [1]], layer.weight[None, 2:], layer.bias[1:])
    torch.testing.assert_close(layer(maps), torch.cat([first, second], 1))
    assert layer.fan_in().tolist() == [50, 50, 25]


def test_subsampling_adds_the_squares_times_coefficient_plus_bias() -> None:
    layer = Subsampling(3).double()
    torch.nn.init.normal_(layer.coefficient)
    torch.nn.init.normal_(layer.bias)
    maps = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    expected = obvious.subsampled(maps, layer.coefficient[:, None, None], layer.bias[:, None, None])
    torch.testing.assert_close(squash(layer(maps)), expected)


def test_rbf_penalties_are_squared_distances() -> None:
    codes, f6 = torch.randn(10, 84).sign(), torch.randn(5, 84)
    torch.testing.assert_close(EuclideanRbf(codes)(f6), obvious.penalties_of(f6, codes))
    assert EuclideanRbf(codes)(codes).diagonal().tolist() == [0.0] * 10
