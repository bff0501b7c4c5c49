"""What the library is measured against computes the same: else a ratio of times would mean nothing."""

import numpy as np
import torch
from torch import Tensor

from benchmarks.contestants.bare import distorted
from benchmarks.obvious import ObviousLeNet5, obvious_loss, take_weights
from lenet5.data.distortions import distort, draw_maps
from lenet5.models.codes import digit_codes
from lenet5.models.lenet import LeNet5, build
from lenet5.models.losses import training_loss
from lenet5.models.sizes import PAPER_SIZES
from lenet5.sdlm.arithmetic import empty_maps
from lenet5.sdlm.passes import Criterion, Layout, answer
from lenet5.sdlm.start import initial_weights, state_dict
from tests.sdlm.made_jobs import CONVENTIONS
from tests.training.made_data import RANGES, make_data

J, ENERGY_SCALE = 5.0, 0.05


def relative_difference(one: Tensor, other: Tensor) -> float:
    return float(((one - other).norm() / other.norm()).detach())


def test_outputs_and_gradients_are_the_librarys() -> None:
    data = make_data()
    images, labels = data.images[:100], data.labels[:100]
    network, obvious = build("lenet5", "rbf", seed=3), ObviousLeNet5()
    take_weights(obvious, network.state_dict())
    scores, penalties = network(images), obvious(images[:, None])
    assert relative_difference(-penalties, scores) < 1e-5

    training_loss("rbf", scores, labels, J, ENERGY_SCALE).backward()  # type: ignore[no-untyped-call]
    obvious_loss(penalties, labels, J, ENERGY_SCALE).backward()  # type: ignore[no-untyped-call]
    gradients = {name: parameter.grad for name, parameter in obvious.named_parameters()}
    connected = gradients.pop("c3.weight")
    assert connected is not None
    gradients["c3.weight"] = connected[obvious.c3.mask[:, :, 0, 0].bool()]
    for name, parameter in network.named_parameters():
        found = gradients.pop(name)
        assert found is not None and parameter.grad is not None
        assert relative_difference(found.reshape(parameter.shape), parameter.grad) < 1e-5, name
    assert gradients == {}


def test_missing_connections_of_c3_learn_nothing() -> None:
    network = ObviousLeNet5()
    penalties = network(torch.rand(2, 1, 32, 32))
    obvious_loss(penalties, torch.tensor([0, 1]), J, ENERGY_SCALE).backward()  # type: ignore[no-untyped-call]
    gradient = network.c3.weight.grad
    assert gradient is not None
    assert not gradient[~network.c3.mask[:, :, 0, 0].bool()].any()


def test_distortions_are_the_librarys() -> None:
    images = make_data().images
    maps = draw_maps(RANGES, seed=1, epoch=0, examples=len(images))
    assert torch.allclose(distorted(images[:, None], maps)[:, 0], distort(images, maps), atol=1e-3)


def test_penalties_are_those_that_the_training_of_1998_learns_from() -> None:
    data, links = make_data(), LeNet5("rbf", PAPER_SIZES)
    start = initial_weights(CONVENTIONS, seed=1)
    obvious = ObviousLeNet5()
    take_weights(obvious, state_dict(start, CONVENTIONS))
    layout = Layout(links.c1.links.numpy(), links.c3.links.numpy(), np.float32(0.25))
    criterion = Criterion(digit_codes().numpy(), CONVENTIONS.energy, True, CONVENTIONS.j, False)
    penalties = np.empty((len(data.labels), 10), np.float32)
    answer(data.images.numpy(), layout, criterion, start, empty_maps(start), penalties)
    assert relative_difference(obvious(data.images[:, None]), torch.from_numpy(penalties)) < 1e-5
