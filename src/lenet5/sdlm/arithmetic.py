"""LeNet-5's arithmetic for one pattern at a time, compiled by Numba: what goes forward, and what comes back.

A map lies in one piece, row after row, and a convolution runs over the whole of it: the sums are as wide as the inputs,
so that each row of a kernel is five products with one long row, which vectorise. The last four sums of a row mean
nothing. In a gradient they are zero, and four zeros more stand before it.

What goes back through the layers is the gradient or, with weights, units and slopes squared, the curvature of the
Gauss-Newton approximation (eqs. 25 to 27): the same sums.
"""

from typing import NamedTuple

import numpy as np

from lenet5.compiled import inlined
from lenet5.models import lanes
from lenet5.models.lanes import Array, Links
from lenet5.models.one_thread import Weights

KERNEL, OVERHANG = 5, 4
INPUT, C1, S2, C3, S4 = 32, 28, 14, 10, 5
"""Rows and columns of a layer's maps."""
A, S, ZERO = np.float32(1.7159), np.float32(2 / 3), np.float32(0)
STEEPNESS, A_SQUARED = S / A, A * A
"""f'(a) = (S / A) (A^2 - f(a)^2)."""


class Maps(NamedTuple):
    """An array per layer: the units, the slopes f'(a), what comes back to the units or to the sums before them."""

    x: Array  # [1, 1024]
    c1: Array  # [maps, 28 x 32]
    s2: Array  # [maps, 196]
    c3: Array  # [maps, 10 x 14]
    s4: Array  # [maps, 25]
    c5: Array  # [units]
    f6: Array  # [units]


def empty_maps(weights: Weights, overhang: int = 0) -> Maps:
    """Zeros for every layer; `overhang` more before each map of C1 and C3."""
    maps1, maps3 = len(weights.c1_bias), len(weights.c3_bias)
    shapes: list[tuple[int, ...]] = [(1, INPUT * INPUT), (maps1, overhang + C1 * INPUT), (maps1, S2 * S2)]
    shapes += [(maps3, overhang + C3 * S2), (maps3, S4 * S4), (len(weights.c5_bias),), (len(weights.f6_bias),)]
    return Maps(*(np.zeros(shape, np.float32) for shape in shapes))


@inlined
def squash(row: Array) -> None:
    """row <- A tanh(S row)."""
    lanes.squash(row)
    for k in range(row.size):
        row[k] *= A


@inlined
def convolve(maps: Array, weight: Array, bias: Array, links: Links, sums: Array) -> None:
    """sums [outputs, rows x width] <- biases and products of maps [inputs, (rows + 4) x width] with the kernels."""
    width = (maps.shape[1] - sums.shape[1]) // OVERHANG
    length = sums.shape[1] - OVERHANG
    for output in range(bias.size):
        sums[output] = bias[output]
    for link in range(len(links)):
        output, source = links[link]
        for i in range(KERNEL):
            w, row, out = weight[link, i], maps[source, i * width :], sums[output, :length]
            w0, w1, w2, w3, w4 = w[0], w[1], w[2], w[3], w[4]
            for k in range(length):
                out[k] += w0 * row[k] + w1 * row[k + 1] + w2 * row[k + 2] + w3 * row[k + 3] + w4 * row[k + 4]


@inlined
def convolve_back(d_sums: Array, weight: Array, links: Links, d_maps: Array) -> None:
    """d_maps [inputs, (rows + 4) x width] <- what comes back from d_sums [outputs, 4 + rows x width]."""
    length = d_sums.shape[1] - OVERHANG
    width = (d_maps.shape[1] - length) // OVERHANG
    d_maps[:] = ZERO
    for link in range(len(links)):
        output, source = links[link]
        d = d_sums[output]
        for i in range(KERNEL):
            w, row = weight[link, i], d_maps[source, i * width : i * width + length]
            w0, w1, w2, w3, w4 = w[0], w[1], w[2], w[3], w[4]
            for k in range(length):
                row[k] += w4 * d[k] + w3 * d[k + 1] + w2 * d[k + 2] + w1 * d[k + 3] + w0 * d[k + 4]


@inlined
def convolve_weights(maps: Array, d_sums: Array, links: Links, d_weight: Array, d_bias: Array) -> None:
    """Add what comes back to the weights and biases of `convolve`."""
    length = d_sums.shape[1] - OVERHANG
    width = (maps.shape[1] - length) // OVERHANG
    for link in range(len(links)):
        output, source = links[link]
        d = d_sums[output, OVERHANG:length]
        for i in range(KERNEL):
            row = maps[source, i * width :]
            s0 = s1 = s2 = s3 = s4 = ZERO
            for k in range(length - OVERHANG):
                s0 += d[k] * row[k]
                s1 += d[k] * row[k + 1]
                s2 += d[k] * row[k + 2]
                s3 += d[k] * row[k + 3]
                s4 += d[k] * row[k + 4]
            d_weight[link, i, 0] += s0
            d_weight[link, i, 1] += s1
            d_weight[link, i, 2] += s2
            d_weight[link, i, 3] += s3
            d_weight[link, i, 4] += s4
    for output in range(d_bias.size):
        total = ZERO
        for k in range(d_sums.shape[1]):
            total += d_sums[output, k]
        d_bias[output] += total


@inlined
def subsample(maps: Array, width: int, coefficient: Array, bias: Array, share: float, out: Array, side: int) -> None:
    """out [maps, side x side] <- f of the 2x2 squares of maps added up, times `share` and coefficient, plus bias."""
    for m in range(len(maps)):
        weight = share * coefficient[m]
        for r in range(side):
            upper, lower = maps[m, 2 * r * width :], maps[m, (2 * r + 1) * width :]
            row = out[m, r * side : (r + 1) * side]
            for k in range(side):
                row[k] = weight * (upper[2 * k] + upper[2 * k + 1] + lower[2 * k] + lower[2 * k + 1]) + bias[m]
    squash(out.reshape(out.size))


@inlined
def subsample_back(
    maps: Array, width: int, slopes: Array, coefficient: Array, share: float,
    d_out: Array, side: int, d_sums: Array, d_coefficient: Array, d_bias: Array,
) -> None:  # fmt: skip
    """d_sums [maps, 4 + 2 side x width] <- d_out [maps, side x side], at the sums of the subsampling, spread over the
    squares and times the slopes of `maps`. Adds to d_coefficient and d_bias."""
    for m in range(len(maps)):
        to_coefficient, to_bias, weight = ZERO, ZERO, share * coefficient[m]
        for r in range(side):
            first, second = 2 * r * width, (2 * r + 1) * width
            upper, lower = maps[m, first:], maps[m, second:]
            upper_slope, lower_slope = slopes[m, first:], slopes[m, second:]
            d_upper, d_lower = d_sums[m, OVERHANG + first :], d_sums[m, OVERHANG + second :]
            d = d_out[m, r * side : (r + 1) * side]
            for k in range(side):
                to_coefficient += d[k] * (upper[2 * k] + upper[2 * k + 1] + lower[2 * k] + lower[2 * k + 1])
                to_bias += d[k]
                back = weight * d[k]
                d_upper[2 * k] = back * upper_slope[2 * k]
                d_upper[2 * k + 1] = back * upper_slope[2 * k + 1]
                d_lower[2 * k] = back * lower_slope[2 * k]
                d_lower[2 * k + 1] = back * lower_slope[2 * k + 1]
        d_coefficient[m] += share * to_coefficient
        d_bias[m] += to_bias


@inlined
def connect(inputs: Array, weight: Array, bias: Array, out: Array) -> None:
    """out [units] <- f of the products of inputs [n] with weight [units, n], plus bias."""
    for unit in range(out.size):
        row, total = weight[unit], ZERO
        for k in range(row.size):
            total += row[k] * inputs[k]
        out[unit] = total + bias[unit]
    squash(out)


@inlined
def forward(weights: Weights, links: Links, first: Links, share: float, units: Maps) -> None:
    """The units of every layer, from the image in units.x."""
    convolve(units.x, weights.c1_weight, weights.c1_bias, first, units.c1)
    squash(units.c1.reshape(units.c1.size))
    subsample(units.c1, INPUT, weights.s2_coefficient, weights.s2_bias, share, units.s2, S2)
    convolve(units.s2, weights.c3_weight, weights.c3_bias, links, units.c3)
    squash(units.c3.reshape(units.c3.size))
    subsample(units.c3, S2, weights.s4_coefficient, weights.s4_bias, share, units.s4, S4)
    connect(units.s4.reshape(units.s4.size), weights.c5_weight, weights.c5_bias, units.c5)
    connect(units.c5, weights.f6_weight, weights.f6_bias, units.f6)


@inlined
def slopes_of(units: Array, slopes: Array) -> None:
    """slopes <- f'(a) from units f(a), of one shape."""
    flat, out = units.reshape(units.size), slopes.reshape(slopes.size)
    for k in range(flat.size):
        out[k] = STEEPNESS * (A_SQUARED - flat[k] * flat[k])


@inlined
def times(d: Array, slopes: Array) -> None:
    """d <- d slopes, element by element."""
    flat, other = d.reshape(d.size), slopes.reshape(slopes.size)
    for k in range(flat.size):
        flat[k] *= other[k]


@inlined
def back_through_maps(
    weights: Weights, links: Links, first: Links, share: float, units: Maps, slopes: Maps, back: Maps, found: Weights
) -> None:
    """Add to `found`, for C1 to S4, what comes back from back.s4, which is that of the sums of S4."""
    subsample_back(units.c3, S2, slopes.c3, weights.s4_coefficient, share,
                   back.s4, S4, back.c3, found.s4_coefficient, found.s4_bias)  # fmt: skip
    convolve_weights(units.s2, back.c3, links, found.c3_weight, found.c3_bias)
    convolve_back(back.c3, weights.c3_weight, links, back.s2)
    times(back.s2, slopes.s2)
    subsample_back(units.c1, INPUT, slopes.c1, weights.s2_coefficient, share,
                   back.s2, S2, back.c1, found.s2_coefficient, found.s2_bias)  # fmt: skip
    convolve_weights(units.x, back.c1, first, found.c1_weight, found.c1_bias)
