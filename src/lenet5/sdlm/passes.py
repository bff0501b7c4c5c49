"""A pass over patterns, one at a time, as one compiled loop: learning, curvatures, penalties."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lenet5.compiled import compiled_with, inlined
from lenet5.models import lanes, one_thread
from lenet5.models.lanes import Array, Links
from lenet5.models.one_thread import Weights
from lenet5.sdlm import arithmetic
from lenet5.sdlm.arithmetic import (
    INPUT,
    ZERO,
    Maps,
    back_through_maps,
    forward,
    slopes_of,
    times,
)  # fmt: skip

Labels = npt.NDArray[np.int64]
HALVINGS = 10

compiled = compiled_with(lanes, one_thread, arithmetic)


class Criterion(NamedTuple):
    """What is minimised, of the penalties y_i: energy y_D (eq. 8), or if `competitive` that plus
    log(e^-j + sum_i e^(-energy y_i)) (eq. 9). Its curvature is that of all of it, or of energy y_D alone."""

    codes: Array  # [10, units of F6]
    energy: float
    competitive: bool
    j: float
    all_curved: bool


class Layout(NamedTuple):
    """What does not change in a training: the connections of C1 and C3, and by how much a subsampling unit weighs each
    of its four inputs besides its coefficient: 1 (they are added, section II.B) or 1/4 (averaged, II.A)."""

    first: Links
    links: Links
    share: np.float32


@inlined
def update(weight: Array, rate: Array, gradient: Array) -> None:
    """weight <- weight - rate gradient (eq. 18), and gradient <- 0."""
    w, r, g = weight.reshape(weight.size), rate.reshape(rate.size), gradient.reshape(gradient.size)
    for k in range(w.size):
        w[k] -= r[k] * g[k]
        g[k] = ZERO


@inlined
def update_connected(
    weight: Array, bias: Array, rate: Array, bias_rate: Array, inputs: Array, d_sums: Array, d_inputs: Array
) -> None:
    """d_inputs [n] <- what comes back from d_sums [units]; then each weight takes its step, while it is at hand."""
    d_inputs[:] = ZERO
    for unit in range(d_sums.size):
        row, rates, d = weight[unit], rate[unit], d_sums[unit]
        for k in range(row.size):
            d_inputs[k] += d * row[k]
            row[k] -= rates[k] * (d * inputs[k])
        bias[unit] -= bias_rate[unit] * d


@inlined
def curve_connected(
    squares: Array, inputs: Array, d_sums: Array, d_inputs: Array, d_weight: Array, d_bias: Array
) -> None:
    """d_inputs [n] <- what comes back from d_sums [units]; adds to d_weight and d_bias."""
    d_inputs[:] = ZERO
    for unit in range(d_sums.size):
        row, d_row, d = squares[unit], d_weight[unit], d_sums[unit]
        for k in range(row.size):
            d_inputs[k] += d * row[k]
            d_row[k] += d * inputs[k]
        d_bias[unit] += d


@inlined
def exponential(x: float) -> float:
    """e^x for x <= 0, by products alone: libraries differ in the last bit from one processor to another."""
    small = max(x, -700.0) / 2**HALVINGS
    y: float = 1.0
    for n in range(9, 0, -1):
        y = 1.0 + small * y / n
    for _ in range(HALVINGS):
        y *= y
    return y


@inlined
def measure(f6: Array, criterion: Criterion, y: Array, p: npt.NDArray[np.float64]) -> float:
    """y [10] <- the penalties of F6; p [10] <- the share of each class in e^-j + sum_i e^-y_i, which is the answer."""
    total: float = exponential(-criterion.j)
    for i in range(len(y)):
        code, penalty = criterion.codes[i], ZERO
        for k in range(f6.size):
            penalty += (f6[k] - code[k]) * (f6[k] - code[k])
        y[i] = penalty
        p[i] = exponential(-criterion.energy * penalty)
        total += p[i]
    for i in range(len(y)):
        p[i] = p[i] / total if criterion.competitive else 0.0
    return total


@inlined
def pull(f6: Array, label: int, criterion: Criterion, p: npt.NDArray[np.float64], d_f6: Array) -> None:
    """d_f6 <- the gradient of the criterion by F6, from the shares p of the classes."""
    d_f6[:] = ZERO
    for i in range(len(p)):
        pulling = np.float32(2 * criterion.energy * ((1.0 if i == label else 0.0) - p[i]))
        code = criterion.codes[i]
        for k in range(f6.size):
            d_f6[k] += pulling * (f6[k] - code[k])


@inlined
def curve(f6: Array, criterion: Criterion, p: npt.NDArray[np.float64], d_f6: Array) -> None:
    """d_f6 <- the second derivatives by F6: 2 energy; with those of the competition exact too, and positive."""
    if not criterion.all_curved:
        d_f6[:] = np.float32(2 * criterion.energy)
        return
    rubbish = 1.0
    for i in range(len(p)):
        rubbish -= p[i]
    for k in range(f6.size):
        mean = square = 0.0
        for i in range(len(p)):
            slope = 2 * criterion.energy * (f6[k] - criterion.codes[i, k])
            mean += p[i] * slope
            square += p[i] * slope * slope
        d_f6[k] = np.float32(2 * criterion.energy * rubbish + (square - mean * mean))


@inlined
def slopes_of_all(units: Maps, slopes: Maps) -> None:
    """slopes <- f'(a) of every unit but the image's."""
    slopes_of(units.c1, slopes.c1)
    slopes_of(units.s2, slopes.s2)
    slopes_of(units.c3, slopes.c3)
    slopes_of(units.s4, slopes.s4)
    slopes_of(units.c5, slopes.c5)
    slopes_of(units.f6, slopes.f6)


@compiled
def learn(
    images: Array, labels: Labels, layout: Layout, criterion: Criterion, weights: Weights, rates: Weights,
    gradient: Weights, units: Maps, slopes: Maps, back: Maps, penalties: Array, totals: npt.NDArray[np.float64],
) -> None:  # fmt: skip
    """Update `weights` after each of images [n, 32, 32]; penalties [n, 10] and totals [n] are those before it."""
    p = np.empty(len(criterion.codes))
    for n in range(len(images)):
        units.x[0] = images[n].reshape(INPUT * INPUT)
        forward(weights, layout.links, layout.first, layout.share, units)
        totals[n] = measure(units.f6, criterion, penalties[n], p)
        slopes_of_all(units, slopes)
        pull(units.f6, labels[n], criterion, p, back.f6)
        times(back.f6, slopes.f6)
        update_connected(weights.f6_weight, weights.f6_bias, rates.f6_weight, rates.f6_bias, units.c5, back.f6, back.c5)
        times(back.c5, slopes.c5)
        s4, back_s4 = units.s4.reshape(units.s4.size), back.s4.reshape(back.s4.size)
        update_connected(weights.c5_weight, weights.c5_bias, rates.c5_weight, rates.c5_bias, s4, back.c5, back_s4)
        times(back.s4, slopes.s4)
        back_through_maps(weights, layout.links, layout.first, layout.share, units, slopes, back, gradient)
        update(weights.c1_weight, rates.c1_weight, gradient.c1_weight)
        update(weights.c1_bias, rates.c1_bias, gradient.c1_bias)
        update(weights.s2_coefficient, rates.s2_coefficient, gradient.s2_coefficient)
        update(weights.s2_bias, rates.s2_bias, gradient.s2_bias)
        update(weights.c3_weight, rates.c3_weight, gradient.c3_weight)
        update(weights.c3_bias, rates.c3_bias, gradient.c3_bias)
        update(weights.s4_coefficient, rates.s4_coefficient, gradient.s4_coefficient)
        update(weights.s4_bias, rates.s4_bias, gradient.s4_bias)


@compiled
def curvatures(
    images: Array, layout: Layout, criterion: Criterion, weights: Weights, squares: Weights, found: Weights,
    units: Maps, slopes: Maps, back: Maps,
) -> None:  # fmt: skip
    """Add to `found` the second derivatives of the criterion by every connection, over images [n, 32, 32], summed over
    the connections that share a weight (eqs. 23 to 27). `squares` are those of `weights`."""
    p, y = np.empty(len(criterion.codes)), np.empty(len(criterion.codes), np.float32)
    share = layout.share * layout.share
    for n in range(len(images)):
        units.x[0] = images[n].reshape(INPUT * INPUT)
        forward(weights, layout.links, layout.first, layout.share, units)
        measure(units.f6, criterion, y, p)
        slopes_of_all(units, slopes)
        for layer in (units.x, units.c1, units.s2, units.c3, units.s4, slopes.c1, slopes.s2, slopes.c3, slopes.s4):
            times(layer, layer)
        curve(units.f6, criterion, p, back.f6)
        times(units.c5, units.c5)
        for layer in (slopes.c5, slopes.f6):
            times(layer, layer)
        times(back.f6, slopes.f6)
        curve_connected(squares.f6_weight, units.c5, back.f6, back.c5, found.f6_weight, found.f6_bias)
        times(back.c5, slopes.c5)
        s4, back_s4 = units.s4.reshape(units.s4.size), back.s4.reshape(back.s4.size)
        curve_connected(squares.c5_weight, s4, back.c5, back_s4, found.c5_weight, found.c5_bias)
        times(back.s4, slopes.s4)
        back_through_maps(squares, layout.links, layout.first, share, units, slopes, back, found)


@compiled
def answer(
    images: Array, layout: Layout, criterion: Criterion, weights: Weights, units: Maps, penalties: Array
) -> None:
    """penalties [n, 10] <- those of images [n, 32, 32]."""
    p = np.empty(len(criterion.codes))
    for n in range(len(images)):
        units.x[0] = images[n].reshape(INPUT * INPUT)
        forward(weights, layout.links, layout.first, layout.share, units)
        measure(units.f6, criterion, penalties[n], p)
