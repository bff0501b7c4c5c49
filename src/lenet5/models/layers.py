"""The layers of LeNet-5 (section II.B), arranged so that they are fast on one thread.

A unit of a subsampling layer adds the four units of a 2x2 square. Throughout, the four corners of all squares are kept
as four separate planes, the *phases* [n, 4, maps, rows/2, columns/2]: then subsampling adds planes that lie contiguous
in memory, which is many times faster than pooling, and C1, computed on the phases of its input, has four input and 24
output planes, which suits the processor's vectors where 1 and 6 do not. The mathematics is unchanged (tests compare
values and gradients with the obvious modules).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional

A, S = 1.7159, 2 / 3
"""Amplitude and slope of the squashing function (page 8, appendix A): f(1) = 1 and f(-1) = -1."""


def squash(a: Tensor) -> Tensor:
    """f(a) = A tanh(S a), of any shape. By the sigmoid, which torch computes several times faster than tanh."""
    return 2 * A * torch.sigmoid(2 * S * a) - A


class _SquashedSum(torch.autograd.Function):
    """The sum of f over the four phases. Autograd's own version writes seven arrays of C1's size where two do; they do
    not fit a core's cache, and half of a training step went to waiting for memory."""

    @staticmethod
    def forward(ctx: FunctionCtx, phases: Tensor) -> Tensor:
        sigmoid = (2 * S * phases).sigmoid_()
        ctx.save_for_backward(sigmoid)
        return sigmoid.sum(1).mul_(2 * A).sub_(4 * A)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (sigmoid,) = ctx.saved_tensors
        everywhere = (4 * A * S * gradient)[:, None].expand_as(sigmoid)
        derivative: Tensor = torch.ops.aten.sigmoid_backward(everywhere, sigmoid)
        return derivative


def squashed_sum(phases: Tensor) -> Tensor:
    """Phases of weighted sums [n, 4, maps, rows, columns] -> their f, added over phases [n, maps, rows, columns]."""
    added: Tensor = _SquashedSum.apply(phases)  # type: ignore[no-untyped-call]
    return added


def to_phases(maps: Tensor) -> Tensor:
    """[n, maps, rows, columns] -> [n, 4, maps, rows/2, columns/2]: upper left, upper right, lower left, lower right."""
    n, channels, rows, columns = maps.shape
    squares = maps.reshape(n, channels, rows // 2, 2, columns // 2, 2)
    return squares.permute(0, 3, 5, 1, 2, 4).reshape(n, 4, channels, rows // 2, columns // 2)


class Convolution(nn.Module):
    """A layer of 5x5 convolutions, each map with its own bias and its own choice of input maps.

    Only existing connections have a weight: `weight` is [connections, 5, 5], in the order of `table`.
    """

    connected: Tensor

    def __init__(self, inputs: int, table: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, len(table)
        links = [out * inputs + source for out, sources in enumerate(table) for source in sources]
        self.weight = nn.Parameter(torch.empty(len(links), 5, 5))
        self.bias = nn.Parameter(torch.empty(len(table)))
        self.register_buffer("connected", torch.tensor(links), persistent=False)

    def fan_in(self) -> Tensor:
        """Inputs per output map [outputs]."""
        return torch.bincount(self.connected // self.inputs, minlength=self.outputs) * 25

    def dense_weight(self) -> Tensor:
        """[outputs, inputs, 5, 5], zero where the table has no connection."""
        dense = self.weight.new_zeros(self.outputs * self.inputs, 5, 5)
        return dense.index_copy(0, self.connected, self.weight).view(self.outputs, self.inputs, 5, 5)

    def forward(self, maps: Tensor) -> Tensor:
        """[n, inputs, rows, columns] -> weighted sums [n, outputs, rows-4, columns-4]."""
        return functional.conv2d(maps, self.dense_weight(), self.bias)


class InputConvolution(nn.Module):
    """C1: 5x5 convolutions of the one input image, computed phase by phase.

    The output at phase (p, q) of a square sees the 6x6 neighbourhood of that square through the 5x5 kernel moved by
    (p, q); in phases of the input, that is a 3x3 convolution of four planes.
    """

    spread: Tensor

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.weight = nn.Parameter(torch.empty(outputs, 5, 5))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.register_buffer("spread", _spread_kernel(), persistent=False)

    def fan_in(self) -> Tensor:
        """Inputs per output map [outputs]."""
        return torch.full((self.outputs,), 25)

    def forward(self, images: Tensor) -> Tensor:
        """Images [n, rows, columns] -> phases of the weighted sums [n, 4, outputs, (rows-4)/2, (columns-4)/2]."""
        planes = to_phases(images[:, None])[:, :, 0]
        kernel = (self.weight.view(-1, 25) @ self.spread).view(-1, 4, 4, 3, 3)
        kernel = kernel.transpose(0, 1).reshape(4 * self.outputs, 4, 3, 3)
        sums = functional.conv2d(planes, kernel, self.bias.repeat(4))
        # Not len(images): torch.export would take that for a constant.
        return sums.view(images.shape[0], 4, self.outputs, *sums.shape[-2:])


def _spread_kernel() -> Tensor:
    """[25, 4 output phases x 4 input phases x 3 x 3]: where each weight of a 5x5 kernel goes."""
    spread = torch.zeros(5, 5, 2, 2, 2, 2, 3, 3)
    for row in range(5):
        for column in range(5):
            for p in range(2):
                for q in range(2):
                    y, x = row + p, column + q
                    spread[row, column, p, q, y % 2, x % 2, y // 2, x // 2] = 1
    return spread.view(25, 4 * 4 * 9)


class Subsampling(nn.Module):
    """S2, S4: the squashed units of a square are added (section II.B), times a coefficient, plus a bias."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.empty(maps, 1, 1))
        self.bias = nn.Parameter(torch.empty(maps, 1, 1))

    def forward(self, phases: Tensor) -> Tensor:
        """Phases of the layer before, not squashed yet [n, 4, maps, rows, columns] -> sums [n, maps, rows, columns]."""
        return squashed_sum(phases) * self.coefficient + self.bias


class EuclideanRbf(nn.Module):
    """The output layer: y_i is the squared distance of F6 from the fixed code of class i. It has no parameters."""

    codes: Tensor

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes, persistent=False)

    def forward(self, f6: Tensor) -> Tensor:
        """[n, 84] -> penalties y [n, 10], smaller is better (section II.B)."""
        squares = f6.square().sum(1, keepdim=True) + self.codes.square().sum(1)
        return squares - 2 * f6 @ self.codes.T
