"""The arithmetic of one pattern, held to automatic differentiation of the layers written out in torch."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from lenet5.models.codes import digit_codes
from lenet5.models.lenet import LeNet5, build
from lenet5.models.one_thread import Weights
from lenet5.models.sizes import PAPER_SIZES
from lenet5.sdlm import passes
from lenet5.sdlm.arithmetic import empty_maps
from lenet5.sdlm.passes import Criterion, Layout
from lenet5.sdlm.start import parameter_name, state_dict
from tests.sdlm.made_jobs import conventions, weights

CODES = digit_codes().numpy()
LINKS = LeNet5("rbf", PAPER_SIZES).c3.links
LABELS = np.array([3, 8, 0])
CRITERIA = {
    "eq. 8": Criterion(CODES, 0.5, False, 0.0, True),
    "eq. 9, far from the rubbish class": Criterion(CODES, 0.5, True, 10.0, True),
    # So small a factor that several classes have a share.
    "eq. 9, all classes near": Criterion(CODES, 0.02, True, 2.0, True),
}
A, S = 1.7159, 2 / 3


def images(count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.1, 1.175, (count, 32, 32)).astype(np.float32)


def layout(share: float) -> Layout:
    network = LeNet5("rbf", PAPER_SIZES)
    return Layout(network.c1.links.numpy(), network.c3.links.numpy(), np.float32(share))


def as_network(start: Weights, share: float) -> LeNet5:
    """The layers of `models.layers` in double precision, subsampling coefficients as they add."""
    network = build("lenet5", "rbf").double()
    way = "averaged" if share == 0.25 else "added"
    network.load_state_dict(state_dict(start, conventions(subsampling=way)))
    assert isinstance(network, LeNet5)
    return network


def energy(network: LeNet5, image: Tensor, label: int, criterion: Criterion) -> Tensor:
    """Eq. 8 or 9 for one pattern."""
    y: Tensor = criterion.energy * -network(image[None])[0]
    if not criterion.competitive:
        return y[label]
    return y[label] + torch.log(math.exp(-criterion.j) + torch.exp(-y).sum())


def learn(start: Weights, rate: float, share: float, criterion: Criterion) -> tuple[Weights, np.ndarray, np.ndarray]:
    """The weights after learning from the three images with one rate for all, penalties and totals."""
    learned = Weights(*(array.copy() for array in start))
    rates, gradient = (Weights(*(np.full_like(array, value) for array in start)) for value in (rate, 0))
    penalties, totals = np.empty((3, 10), np.float32), np.empty(3)
    maps = (empty_maps(start), empty_maps(start), empty_maps(start, 4))
    passes.learn(images(), LABELS, layout(share), criterion, learned, rates, gradient, *maps, penalties, totals)
    return learned, penalties, totals


@pytest.mark.parametrize("share", [0.25, 1.0])
@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA)
def test_each_pattern_is_followed_by_a_step_down_its_gradient(criterion: Criterion, share: float) -> None:
    rate, start = 1e-3, weights(subsampling="averaged" if share == 0.25 else "added")
    learned, penalties, totals = learn(start, rate, share, criterion)
    network = as_network(start, share)
    for image, label, found, total in zip(torch.from_numpy(images()), LABELS, penalties, totals, strict=True):
        y = -network(image.double()[None])[0]
        torch.testing.assert_close(torch.from_numpy(found).double(), y.detach(), rtol=1e-4, atol=1e-4)
        assert total == pytest.approx(
            math.exp(-criterion.j) + float(torch.exp(-criterion.energy * y.detach()).sum()), rel=1e-3
        )
        network.zero_grad()
        torch.autograd.backward(energy(network, image.double(), int(label), criterion))
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                # What is trained is the coefficient of the share: as it adds, it moves share times share as far.
                steps = share**2 if name.endswith("coefficient") else 1
                assert parameter.grad is not None
                parameter.sub_(rate * steps * parameter.grad)
    expected = dict(network.named_parameters())
    for name, tensor in state_dict(learned, conventions(subsampling="averaged" if share == 0.25 else "added")).items():
        torch.testing.assert_close(tensor.double(), expected[name].detach(), rtol=1e-4, atol=2e-5, msg=name)


def curvatures(start: Weights, share: float, criterion: Criterion, patterns: np.ndarray) -> Weights:
    found = Weights(*(np.zeros_like(array) for array in start))
    squares = Weights(*(array * array for array in start))
    maps = (empty_maps(start), empty_maps(start), empty_maps(start, 4))
    passes.curvatures(patterns, layout(share), criterion, start, squares, found, *maps)
    return found


def output_curvature(f6: Tensor, criterion: Criterion) -> Tensor:
    """The diagonal of the exact Hessian of the criterion by F6, by differentiating it twice."""

    def of(units: Tensor) -> Tensor:
        y = criterion.energy * (units - digit_codes().double()).square().sum(1)
        if not criterion.competitive:
            return y[0]
        return y[0] + torch.log(math.exp(-criterion.j) + torch.exp(-y).sum())

    hessian: Tensor = torch.func.hessian(of)(f6)
    return hessian.diagonal()


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA)
def test_curvatures_of_the_last_layers_are_exact(criterion: Criterion) -> None:
    """From C5 on there is one path from a weight to each unit of F6, so eqs. 25 to 27 drop nothing but second
    derivatives of f: the curvature is the sum over F6 of its own times the squared derivative of the unit."""
    start, patterns = weights(), images(1)
    found = curvatures(start, 0.25, criterion, patterns)
    network = as_network(start, 0.25)
    f6 = network.layer_by_layer(torch.from_numpy(patterns).double())[0]
    h = output_curvature(f6.detach(), criterion)
    last = [network.c5.weight, network.c5.bias, network.f6.weight, network.f6.bias]
    exact = [torch.zeros_like(parameter) for parameter in last]
    for unit in range(84):
        derivatives = torch.autograd.grad(f6[unit], last, retain_graph=True)
        for total, derivative in zip(exact, derivatives, strict=True):
            total += h[unit] * derivative.square()
    for ours, theirs in zip((found.c5_weight, found.c5_bias, found.f6_weight, found.f6_bias), exact, strict=True):
        torch.testing.assert_close(torch.from_numpy(ours).double(), theirs, rtol=1e-3, atol=1e-6)


def test_the_curvature_may_be_that_of_the_penalty_alone() -> None:
    start, all_of_it = weights(), CRITERIA["eq. 9, all classes near"]
    alone = all_of_it._replace(competitive=False), all_of_it._replace(all_curved=False)
    plain, of_the_penalty = (curvatures(start, 0.25, criterion, images(2)) for criterion in alone)
    for one, other in zip(plain, of_the_penalty, strict=True):
        assert (one == other).all()
    assert (curvatures(start, 0.25, all_of_it, images(2)).f6_weight != plain.f6_weight).any()


def squared(units: Tensor, sums: Tensor) -> Tensor:
    """The units squared, from which f'(a)^2 times what arrives goes back to `sums`."""
    back = (S / A * (A**2 - units**2)) ** 2 * sums
    return units**2 + back - back.detach()


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_curvatures_of_shared_weights_are_sums_over_their_connections(share: float) -> None:
    """Eqs. 23 to 27 as a network of squares: differentiating it by the squared weights gives the curvatures."""
    start, patterns = weights(subsampling="averaged" if share == 0.25 else "added"), images(2)
    found = curvatures(start, share, CRITERIA["eq. 8"], patterns)
    squares = {name: torch.from_numpy(array**2).double().requires_grad_() for name, array in start._asdict().items()}
    network = as_network(start, share)

    def subsampled(inputs: Tensor, name: str) -> Tensor:
        weight = squares[f"{name}_coefficient"][:, None, None] * share**2
        return 4 * functional.avg_pool2d(inputs, 2) * weight + squares[f"{name}_bias"][:, None, None]

    for x in torch.from_numpy(patterns).double():
        units = units_of(network, x)
        dense = torch.zeros(16, 6, 5, 5).double().index_put((LINKS[:, 0], LINKS[:, 1]), squares["c3_weight"])
        sums = functional.conv2d((x**2)[None, None], squares["c1_weight"][:, None], squares["c1_bias"])[0]
        sums = subsampled(squared(units["c1"], sums), "s2")
        sums = functional.conv2d(squared(units["s2"], sums)[None], dense, squares["c3_bias"])[0]
        sums = subsampled(squared(units["c3"], sums), "s4")
        sums = squares["c5_weight"] @ squared(units["s4"], sums).flatten() + squares["c5_bias"]
        sums = squares["f6_weight"] @ squared(units["c5"], sums) + squares["f6_bias"]
        torch.autograd.backward((2 * CRITERIA["eq. 8"].energy * squared(units["f6"], sums)).sum())
    for name, array in found._asdict().items():
        theirs = squares[name].grad
        assert theirs is not None
        torch.testing.assert_close(torch.from_numpy(array).double(), theirs, rtol=1e-3, atol=1e-6, msg=name)


def units_of(network: LeNet5, image: Tensor) -> dict[str, Tensor]:
    """The units of every layer for one image."""
    units, last = {}, image[None, None]
    with torch.no_grad():
        for name in ("c1", "s2", "c3", "s4", "c5", "f6"):
            last = A * torch.tanh(S * getattr(network, name)(last.flatten(1) if name == "c5" else last))
            units[name] = last[0]
    return units


def test_answers_are_those_of_the_network() -> None:
    start, patterns = weights(), images(5)
    penalties = np.empty((5, 10), np.float32)
    passes.answer(patterns, layout(0.25), CRITERIA["eq. 8"], start, empty_maps(start), penalties)
    scores = as_network(start, 0.25)(torch.from_numpy(patterns).double())
    torch.testing.assert_close(torch.from_numpy(penalties).double(), -scores.detach(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("x", [0.0, -1e-9, -0.3, -1.0, -40.0, -300.0, -699.0])
def test_exponential_is_that_of_the_library(x: float) -> None:
    assert passes.exponential(x) == pytest.approx(math.exp(x), rel=1e-12)


def test_every_weight_is_named_as_in_the_network() -> None:
    assert [parameter_name(field) for field in Weights._fields] == [
        name for name, _ in LeNet5("rbf", PAPER_SIZES).named_parameters()
    ]
