"""The layers, arranged for speed, do the mathematics of section II.B."""

import pytest
import torch
from torch.nn import functional

from lenet5.models.layers import EuclideanRbf, InputConvolution, Subsampling, squash, squashed_sum, to_phases
from tests.models import obvious


def test_squashing_function_passes_through_plus_and_minus_one() -> None:
    at = torch.tensor([1.0, -1.0, 0.0, 100.0, -100.0], dtype=torch.float64)
    assert squash(at).tolist() == pytest.approx([1, -1, 0, 1.7159, -1.7159], abs=2e-5)
    torch.testing.assert_close(squash(at), obvious.squash(at))


def test_squashed_sum_is_the_sum_of_squashed_phases() -> None:
    phases = torch.randn(3, 4, 2, 5, 5, dtype=torch.float64)
    torch.testing.assert_close(squashed_sum(phases), obvious.squash(phases).sum(1))


def test_gradient_of_squashed_sum() -> None:
    phases = torch.randn(2, 4, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(squashed_sum, (phases,))


def test_phases_are_the_corners_of_the_squares() -> None:
    maps = torch.arange(2 * 3 * 4 * 6).view(2, 3, 4, 6)
    phases = to_phases(maps)
    for phase, (row, column) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        assert torch.equal(phases[:, phase], maps[:, :, row::2, column::2])


def test_input_convolution_is_a_convolution_in_phases() -> None:
    layer = InputConvolution(6).double()
    torch.nn.init.normal_(layer.weight)
    torch.nn.init.normal_(layer.bias)
    images = torch.randn(2, 32, 32, dtype=torch.float64)
    plain = functional.conv2d(images[:, None], layer.weight[:, None], layer.bias)
    torch.testing.assert_close(layer(images), to_phases(plain))


def test_subsampling_adds_the_squares_times_coefficient_plus_bias() -> None:
    layer = Subsampling(3).double()
    torch.nn.init.normal_(layer.coefficient)
    torch.nn.init.normal_(layer.bias)
    maps = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    expected = obvious.subsampled(obvious.squash(maps), layer.coefficient, layer.bias)
    torch.testing.assert_close(squash(layer(to_phases(maps))), expected)


def test_rbf_penalties_are_squared_distances() -> None:
    codes, f6 = torch.randn(10, 84).sign(), torch.randn(5, 84)
    torch.testing.assert_close(EuclideanRbf(codes)(f6), obvious.penalties_of(f6, codes))
    assert EuclideanRbf(codes)(codes).diagonal().tolist() == [0.0] * 10
