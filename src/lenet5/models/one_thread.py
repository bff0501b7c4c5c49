"""LeNet-5 up to F6 and its gradient, for one thread of a processor: what `lenet.LeNet5` says layer by layer, faster.

The maps are computed by `lanes`, the fully connected layers by numpy's matrix products. Units are kept as tanh(S a);
the amplitude A of the squashing function goes into the weights that come after it.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from lenet5.models import lanes
from lenet5.models.lanes import C1, C3, INPUT, LANES, S2, S4, Array, Links, S

A = np.float32(1.7159)


class Weights(NamedTuple):
    """The parameters up to F6, or their gradients."""

    c1_weight: Array  # [maps, 5, 5]
    c1_bias: Array
    s2_coefficient: Array
    s2_bias: Array
    c3_weight: Array  # [connections, 5, 5]
    c3_bias: Array
    s4_coefficient: Array
    s4_bias: Array
    c5_weight: Array  # [units, maps of S4 x 25]
    c5_bias: Array
    f6_weight: Array  # [units, units of C5]
    f6_bias: Array

    def times_amplitude(self) -> "Weights":
        """Those that units are multiplied with, times A: so they act on tanh(S a), and so their gradients follow."""
        return self._replace(
            s2_coefficient=A * self.s2_coefficient,
            c3_weight=A * self.c3_weight,
            s4_coefficient=A * self.s4_coefficient,
            c5_weight=A * self.c5_weight,
            f6_weight=A * self.f6_weight,
        )


class Units(NamedTuple):
    """The images and tanh(S a) of each layer: maps as [blocks, maps, rows, columns lanes], others [units, images]."""

    images: Array
    c1: Array
    s2: Array
    c3: Array
    s4: Array
    s4_flat: Array
    c5: Array
    f6: Array


class F6(torch.autograd.Function):
    """Images [n, 32, 32], the connections of C3 [connections, 2] and the parameters of `Weights` -> F6 [n, units]."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, links: Tensor, *parameters: Tensor) -> Tensor:
        ctx.links = links.numpy()
        ctx.weights = Weights(*(each.detach().numpy() for each in parameters)).times_amplitude()
        ctx.units = forward(images.detach().contiguous().numpy(), ctx.links, ctx.weights)
        return torch.from_numpy(A * ctx.units.f6[:, : len(images)].T)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        d_f6 = np.zeros_like(ctx.units.f6)
        d_f6[:, : len(gradient)] = A * gradient.numpy().T
        gradients = backward(d_f6, ctx.links, ctx.weights, ctx.units).times_amplitude()
        return None, None, *map(torch.from_numpy, gradients)


def forward(images: Array, links: Links, weights: Weights) -> Units:
    """All units for images [n, 32, 32]; n is filled up with empty images to whole blocks."""
    blocks, maps1, maps3 = -(-len(images) // LANES), len(weights.c1_bias), len(weights.c3_bias)
    shapes = ((1, INPUT), (maps1, C1), (maps1, S2), (maps3, C3), (maps3, S4))
    maps = [aligned((blocks, number, side, side * LANES), images.dtype) for number, side in shapes]
    lanes.forward(images, links, *weights[:8], *maps)
    units = maps3 * S4 * S4
    s4_flat = maps[-1].reshape(blocks, units, LANES).transpose(1, 0, 2).reshape(units, blocks * LANES)
    c5 = connect(s4_flat, weights.c5_weight, weights.c5_bias)
    return Units._make([*maps, s4_flat, c5, connect(c5, weights.f6_weight, weights.f6_bias)])


def backward(d_f6: Array, links: Links, weights: Weights, units: Units) -> Weights:
    """The gradients of all weights, from that of F6 [units, images]."""
    d_f6 = before_tanh(d_f6, units.f6)
    d_c5 = before_tanh(weights.f6_weight.T @ d_f6, units.c5)
    d_s4_flat = weights.c5_weight.T @ d_c5
    blocks, d_s4 = len(units.s4), aligned(units.s4.shape, units.s4.dtype)
    by_block = d_s4_flat.reshape(len(d_s4_flat), blocks, LANES).transpose(1, 0, 2)
    d_s4.reshape(by_block.shape)[:] = by_block
    to_maps = tuple(np.zeros_like(each) for each in weights[:8])
    coefficients = (weights.s2_coefficient, weights.c3_weight, weights.s4_coefficient)
    lanes.backward(d_s4, links, *units[:5], *coefficients, *to_maps)
    return Weights._make([*to_maps, d_c5 @ units.s4_flat.T, d_c5.sum(1), d_f6 @ units.c5.T, d_f6.sum(1)])


def connect(units: Array, weight: Array, bias: Array) -> Array:
    """A fully connected layer: units [inputs, images] -> [outputs, images]."""
    sums: Array = weight @ units
    sums += bias[:, None]
    lanes.tanh(sums.reshape(-1))
    return sums


def before_tanh(d_units: Array, units: Array) -> Array:
    """The gradient of the sums a, from that of the units tanh(S a)."""
    d_sums: Array = S * d_units * (1 - units * units)
    return d_sums


def aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Memory that starts on a cache line, as torch's does: numpy's need not, and a third of the speed is lost."""
    like: Array = torch.empty(shape, dtype=torch.float32 if dtype == np.float32 else torch.float64).numpy()
    return like
