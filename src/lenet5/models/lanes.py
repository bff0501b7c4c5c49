"""The arithmetic of LeNet-5's layers for one thread of a processor, compiled by Numba.

Eight images lie side by side: a row of a map holds [columns x 8] floats, column after column, so that one vector
instruction does the same for eight images, whatever a layer's shape. A row of a kernel is then five products with a
whole row of a map, each moved on by one column, and a connection that Table I does not have costs nothing.

A gradient of a convolution's sums has rows as wide as its inputs, the last four columns zero: then the kernel's
products run through whole maps without regard for where a row ends.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial

from lenet5.compiled import compiled, inlined

Array: TypeAlias = npt.NDArray[np.float32]
"""float32; the tests that check gradients by differences use float64."""
Links: TypeAlias = npt.NDArray[np.int64]
"""[connections, 2]: which map of outputs is connected to which map of inputs."""
Products: TypeAlias = tuple[np.float32, np.float32, np.float32, np.float32, np.float32]

LANES = 8
"""Images side by side: the floats of an AVX2 register."""
KERNEL = 5
"""Rows and columns of every kernel."""
INPUT, C1, S2, C3, S4 = 32, 28, 14, 10, 5
"""Rows and columns of a layer's maps."""
OVERHANG = (KERNEL - 1) * LANES
"""By how much a row of inputs is longer than the row of sums that comes of it."""

S, ONE = np.float32(2 / 3), np.float32(1)


def lambert(levels: int) -> tuple[tuple[np.float32, ...], tuple[np.float32, ...]]:
    """Polynomials p and q with tanh x = x p(x^2) / q(x^2): Lambert's fraction x/(1 + x^2/(3 + x^2/(5 + ...))), ended
    after so many levels. Coefficients from the lowest power on, the first of them 1."""
    z = Polynomial([0, 1])
    p, q = Polynomial([1]), Polynomial([2 * levels + 1])
    for odd in range(2 * levels - 1, 0, -2):
        p, q = q, odd * q + z * p
    return tuple(np.float32(each / q.coef[0]) for each in p), tuple(np.float32(each / q.coef[0]) for each in q)


# Ten levels: within 3e-7 of the value up to |x| = 6 and 7e-7 up to 9, where the nearest float32 is 1.
(P0, P1, P2, P3, P4, P5), (Q0, Q1, Q2, Q3, Q4, Q5) = lambert(10)
FAR = np.float32(9)


@inlined
def squash(row: Array) -> None:
    """row <- tanh(S row), S the slope of the paper's squashing function: products and one division, which vectorise."""
    for k in range(row.size):
        x = min(max(S * row[k], -FAR), FAR)
        z = x * x
        p = ((((P5 * z + P4) * z + P3) * z + P2) * z + P1) * z + P0
        q = ((((Q5 * z + Q4) * z + Q3) * z + Q2) * z + Q1) * z + Q0
        row[k] = min(max(x * p / q, -ONE), ONE)


@inlined
def add_products(
    sums: Array, row: Array, w0: np.float32, w1: np.float32, w2: np.float32, w3: np.float32, w4: np.float32
) -> None:
    """sums += the row times five weights, each moved on by one column."""
    for k in range(sums.size):
        sums[k] += (
            w0 * row[k]
            + w1 * row[k + LANES]
            + w2 * row[k + 2 * LANES]
            + w3 * row[k + 3 * LANES]
            + w4 * row[k + 4 * LANES]
        )


@inlined
def inner_products(d_sums: Array, row: Array) -> Products:
    """The inner products of d_sums with the row, moved on by no to four columns."""
    s0 = s1 = s2 = s3 = s4 = np.float32(0)
    for k in range(d_sums.size):
        d = d_sums[k]
        s0 += d * row[k]
        s1 += d * row[k + LANES]
        s2 += d * row[k + 2 * LANES]
        s3 += d * row[k + 3 * LANES]
        s4 += d * row[k + 4 * LANES]
    return s0, s1, s2, s3, s4


@inlined
def convolve(maps: Array, weight: Array, bias: Array, links: Links, sums: Array) -> None:
    """sums [outputs, rows-4, (columns-4) lanes] <- biases and products of maps [inputs, rows, columns lanes] with the
    kernels of the connections [connections, 5, 5]."""
    for output in range(bias.size):
        sums[output] = bias[output]
    for link in range(len(links)):
        output, source = links[link]
        for y in range(sums.shape[1]):
            for i in range(KERNEL):
                w = weight[link, i]
                add_products(sums[output, y], maps[source, y + i], w[0], w[1], w[2], w[3], w[4])


@inlined
def convolve_back(d_sums: Array, weight: Array, links: Links, d_maps: Array) -> None:
    """d_maps [inputs, rows, columns lanes] <- its gradient; d_sums [outputs, overhang + (rows-4) columns lanes]."""
    width = d_maps.shape[2]
    flat = d_maps.reshape(len(d_maps), d_maps.shape[1] * width)
    flat[:] = 0
    length = d_sums.shape[1] - OVERHANG
    for link in range(len(links)):
        output, source = links[link]
        for i in range(KERNEL):
            w = weight[link, i]
            row = flat[source, i * width : i * width + length]
            add_products(row, d_sums[output], w[4], w[3], w[2], w[1], w[0])


@inlined
def convolve_weights(maps: Array, d_sums: Array, links: Links, d_weight: Array, d_bias: Array) -> None:
    """Add the gradients of the weights and biases of `convolve`."""
    width = maps.shape[2]
    flat = maps.reshape(len(maps), maps.shape[1] * width)
    for link in range(len(links)):
        output, source = links[link]
        # The overhang at the end is zero; without it the last products stay inside the map.
        d = d_sums[output, OVERHANG : d_sums.shape[1] - OVERHANG]
        for i in range(KERNEL):
            found = inner_products(d, flat[source, i * width :])
            for j in range(KERNEL):
                d_weight[link, i, j] += found[j]
    for output in range(d_bias.size):
        total = np.float32(0)
        for k in range(d_sums.shape[1]):
            total += d_sums[output, k]
        d_bias[output] += total


@inlined
def squares(upper: Array, lower: Array, pairs: Array, sums: Array) -> None:
    """sums [columns/2 lanes] <- the 2x2 squares of two rows [columns lanes] added up; `pairs` is as long as a row."""
    for k in range(pairs.size):
        pairs[k] = upper[k] + lower[k]
    for k in range(pairs.size - LANES):
        pairs[k] = pairs[k] + pairs[k + LANES]
    for column in range(sums.size // LANES):
        for lane in range(LANES):
            sums[column * LANES + lane] = pairs[2 * column * LANES + lane]


@inlined
def spread(row: Array, pairs: Array) -> None:
    """pairs [columns lanes] <- each column of row [columns/2 lanes] twice."""
    for column in range(row.size // LANES):
        for lane in range(LANES):
            pairs[2 * column * LANES + lane] = row[column * LANES + lane]
        for lane in range(LANES):
            pairs[(2 * column + 1) * LANES + lane] = row[column * LANES + lane]


@inlined
def subsample(maps: Array, coefficient: Array, bias: Array, out: Array) -> None:
    """maps [maps, rows, columns lanes] <- tanh(S maps); out [maps, rows/2, columns/2 lanes] <- tanh(S sums), where the
    sums are the 2x2 squares added up, times the coefficient, plus the bias (section II.B)."""
    pairs = np.empty(maps.shape[2], maps.dtype)
    for m in range(len(maps)):
        for r in range(out.shape[1]):
            upper, lower, sums = maps[m, 2 * r], maps[m, 2 * r + 1], out[m, r]
            squash(upper)
            squash(lower)
            squares(upper, lower, pairs, sums)
            for k in range(sums.size):
                sums[k] = coefficient[m] * sums[k] + bias[m]
            squash(sums)


@inlined
def subsample_back(
    maps: Array, out: Array, coefficient: Array, d_out: Array, d_coefficient: Array, d_bias: Array, d_sums: Array
) -> None:
    """d_sums [maps, overhang + rows (columns + 4) lanes] <- the gradient before the first tanh, from d_out, that of
    `out`; its overhangs stay as they are. Adds the gradients of coefficient and bias."""
    columns = maps.shape[2]
    pairs, halves = np.empty(columns, maps.dtype), np.empty(columns // 2, maps.dtype)
    for m in range(len(maps)):
        for r in range(out.shape[1]):
            upper, lower = maps[m, 2 * r], maps[m, 2 * r + 1]
            squares(upper, lower, pairs, halves)
            to_coefficient, to_bias = np.float32(0), np.float32(0)
            for k in range(halves.size):
                d = S * d_out[m, r, k] * (ONE - out[m, r, k] * out[m, r, k])
                to_coefficient += d * halves[k]
                to_bias += d
                halves[k] = S * coefficient[m] * d
            d_coefficient[m] += to_coefficient
            d_bias[m] += to_bias
            spread(halves, pairs)
            first = OVERHANG + 2 * r * (columns + OVERHANG)
            second = first + columns + OVERHANG
            d_upper, d_lower = d_sums[m, first : first + columns], d_sums[m, second : second + columns]
            for k in range(columns):
                d_upper[k] = pairs[k] * (ONE - upper[k] * upper[k])
                d_lower[k] = pairs[k] * (ONE - lower[k] * lower[k])


@inlined
def lay_side_by_side(images: Array, first: int, rows: Array) -> None:
    """rows [32, 32 lanes] <- images [n, 32, 32] from the first on: eight of them, or what is left and zeros."""
    for lane in range(LANES):
        for y in range(INPUT):
            for x in range(INPUT):
                rows[y, x * LANES + lane] = images[first + lane, y, x] if first + lane < len(images) else 0


@inlined
def links_to_input(outputs: int) -> Links:
    """The connections of C1, whose maps all see the one input."""
    links = np.zeros((outputs, 2), np.int64)
    for output in range(outputs):
        links[output, 0] = output
    return links


@compiled
def tanh(row: Array) -> None:
    """row <- tanh(S row)."""
    squash(row)


@compiled
def forward(
    images: Array, links: Links, c1_weight: Array, c1_bias: Array, s2_coefficient: Array, s2_bias: Array,
    c3_weight: Array, c3_bias: Array, s4_coefficient: Array, s4_bias: Array,
    x: Array, c1: Array, s2: Array, c3: Array, s4: Array,
) -> None:  # fmt: skip
    """x <- images [n, 32, 32] side by side; c1 to s4 <- tanh(S a): [blocks, maps, rows, columns lanes] each. A block
    goes through all layers while it lies in the cache."""
    c1_links = links_to_input(len(c1_bias))
    for block in range(len(x)):
        lay_side_by_side(images, block * LANES, x[block, 0])
        convolve(x[block], c1_weight, c1_bias, c1_links, c1[block])
        subsample(c1[block], s2_coefficient, s2_bias, s2[block])
        convolve(s2[block], c3_weight, c3_bias, links, c3[block])
        subsample(c3[block], s4_coefficient, s4_bias, s4[block])


@compiled
def backward(
    d_s4: Array, links: Links, x: Array, c1: Array, s2: Array, c3: Array, s4: Array,
    s2_coefficient: Array, c3_weight: Array, s4_coefficient: Array,
    d_c1_weight: Array, d_c1_bias: Array, d_s2_coefficient: Array, d_s2_bias: Array,
    d_c3_weight: Array, d_c3_bias: Array, d_s4_coefficient: Array, d_s4_bias: Array,
) -> None:  # fmt: skip
    """Add the gradients of the eight parameters, from that of s4 [blocks, maps, rows, columns lanes]."""
    c1_links = links_to_input(len(d_c1_bias))
    d_s2 = np.empty(s2.shape[1:], s2.dtype)
    d_c3 = np.zeros((c3.shape[1], OVERHANG + C3 * S2 * LANES), c3.dtype)
    d_c1 = np.zeros((c1.shape[1], OVERHANG + C1 * INPUT * LANES), c1.dtype)
    for block in range(len(x)):
        subsample_back(c3[block], s4[block], s4_coefficient, d_s4[block], d_s4_coefficient, d_s4_bias, d_c3)
        convolve_weights(s2[block], d_c3, links, d_c3_weight, d_c3_bias)
        convolve_back(d_c3, c3_weight, links, d_s2)
        subsample_back(c1[block], s2[block], s2_coefficient, d_s2, d_s2_coefficient, d_s2_bias, d_c1)
        convolve_weights(x[block], d_c1, c1_links, d_c1_weight, d_c1_bias)
