"""The layers of LeNet-5, as section II.B describes them."""

import torch
from torch import Tensor, nn
from torch.nn import functional

A, S = 1.7159, 2 / 3
"""Amplitude and slope of the squashing function (page 8, appendix A): f(1) = 1 and f(-1) = -1."""


def squash(a: Tensor) -> Tensor:
    """f(a) = A tanh(S a), of any shape."""
    return A * torch.tanh(S * a)


class Convolution(nn.Module):
    """A layer of 5x5 convolutions, each map with its own bias and its own choice of input maps.

    Only existing connections have a weight: `weight` is [connections, 5, 5], in the order of `table`, and `links`
    [connections, 2] says from which map of inputs to which map of outputs: (output, input).
    """

    links: Tensor

    def __init__(self, inputs: int, table: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, len(table)
        links = [(output, source) for output, sources in enumerate(table) for source in sources]
        self.weight = nn.Parameter(torch.empty(len(links), 5, 5))
        self.bias = nn.Parameter(torch.empty(len(table)))
        self.register_buffer("links", torch.tensor(links), persistent=False)

    def fan_in(self) -> Tensor:
        """Inputs of a unit, for each connection [connections]: 25 times the connections of its map."""
        return torch.bincount(self.links[:, 0])[self.links[:, 0]] * 25

    def dense_weight(self) -> Tensor:
        """[outputs, inputs, 5, 5], zero where the table has no connection."""
        dense = self.weight.new_zeros(self.outputs * self.inputs, 5, 5)
        position = self.links[:, 0] * self.inputs + self.links[:, 1]
        return dense.index_copy(0, position, self.weight).view(self.outputs, self.inputs, 5, 5)

    def forward(self, maps: Tensor) -> Tensor:
        """[n, inputs, rows, columns] -> weighted sums [n, outputs, rows-4, columns-4]."""
        return functional.conv2d(maps, self.dense_weight(), self.bias)


class Subsampling(nn.Module):
    """S2, S4: the units of a 2x2 square are added (section II.B), times a coefficient, plus a bias."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.empty(maps))
        self.bias = nn.Parameter(torch.empty(maps))

    def forward(self, maps: Tensor) -> Tensor:
        """[n, maps, rows, columns] -> weighted sums [n, maps, rows/2, columns/2]."""
        added = functional.avg_pool2d(maps, 2, divisor_override=1)
        return added * self.coefficient[:, None, None] + self.bias[:, None, None]


class EuclideanRbf(nn.Module):
    """The output layer: y_i is the squared distance of F6 from the fixed code of class i. It has no parameters."""

    codes: Tensor
    squares: Tensor

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes, persistent=False)
        self.register_buffer("squares", codes.square().sum(1), persistent=False)

    def forward(self, f6: Tensor) -> Tensor:
        """[n, 84] -> penalties y [n, 10], smaller is better (section II.B)."""
        return torch.addmm(self.squares, f6, self.codes.T, alpha=-2) + f6.square().sum(1, keepdim=True)
