"""LeNet-5 against the paper: its size layer by layer, Table I, its values and gradients, and how it starts."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from lenet5.models.codes import digit_codes
from lenet5.models.lenet import LeNet5, build
from tests.models import obvious

PARAMETERS = {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 0}
CONNECTIONS = {
    "c1": 122_304, "s2": 5_880, "c3": 151_600, "s4": 2_000, "c5": 48_120, "f6": 10_164, "output": 840,
}  # fmt: skip


def size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def layer_inputs(network: nn.Module) -> dict[str, Tensor]:
    """What each layer is given for one random image."""
    seen: dict[str, Tensor] = {}
    for name, layer in network.named_children():
        layer.register_forward_pre_hook(lambda _, given, name=name: seen.__setitem__(name, given[0].detach()))
    assert isinstance(network, LeNet5)
    network.output(network.layer_by_layer(torch.randn(1, 32, 32)))
    return seen


def dependences(layer: nn.Module, given: Tensor) -> Iterator[Tensor]:
    """For each unit of `layer`, in pieces of up to 500 units: which inputs it depends on [units, inputs]."""
    units = layer(given).numel()
    for piece in torch.split(torch.eye(units), 500):
        many = given.expand(len(piece), *given.shape[1:]).clone().requires_grad_()
        output = layer(many)
        (gradient,) = torch.autograd.grad(output, many, piece.view_as(output))
        yield gradient.flatten(1) != 0


def connections(layer: nn.Module, given: Tensor) -> int:
    """Inputs of all units of `layer`, a bias counted as one, as the paper does."""
    biases = layer(given).numel() if "bias" in dict(layer.named_parameters()) else 0
    return biases + sum(int(piece.sum()) for piece in dependences(layer, given))


def test_every_layer_has_the_papers_parameters_60_000_in_all() -> None:
    network = build("lenet5", "rbf")
    assert {name: size(layer) for name, layer in network.named_children()} == PARAMETERS
    assert size(network) == 60_000


def test_every_layer_has_the_papers_connections_340_908_in_all() -> None:
    network = build("lenet5", "rbf")
    inputs = layer_inputs(network)
    counted = {name: connections(layer, inputs[name]) for name, layer in network.named_children()}
    assert counted == CONNECTIONS
    assert sum(counted.values()) == 340_908


def test_c3_is_connected_as_table_i_says() -> None:
    network = build("lenet5", "rbf")
    units = torch.cat(list(dependences(network.get_submodule("c3"), layer_inputs(network)["c3"])))
    maps = units.view(16, 100, 6, 196).any(3)
    assert torch.equal(maps.any(1), obvious.table_i())
    assert torch.equal(maps.all(1), obvious.table_i())


@pytest.mark.parametrize(("precision", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_values_and_gradients_are_those_of_the_obvious_network(precision: torch.dtype, tolerance: float) -> None:
    network = build("lenet5", "rbf", seed=3).to(precision)
    # In double precision, so that all rounding is the network's own.
    weights = {name: value.detach().double().requires_grad_() for name, value in network.named_parameters()}
    images, weighting = torch.randn(4, 32, 32), torch.randn(4, 10)
    scores = network(images.to(precision))
    expected = -obvious.penalties_of(obvious.f6_of(weights, images.double()), digit_codes().double())
    assert_same(scores, expected, tolerance)
    (scores * weighting.to(precision)).sum().backward()
    (expected * weighting.double()).sum().backward()  # type: ignore[no-untyped-call]
    for name, parameter in network.named_parameters():
        assert_same(parameter.grad, weights[name].grad, tolerance)


def assert_same(actual: Tensor | None, expected: Tensor | None, tolerance: float) -> None:
    """Equal but for `tolerance` of the largest value."""
    assert actual is not None and expected is not None
    error = (actual.double() - expected).abs().max() / expected.abs().max()
    assert error.item() < tolerance


def test_a_softmax_head_is_a_trainable_layer_on_f6() -> None:
    network = build("lenet5", "softmax", seed=3)
    assert isinstance(network.output, nn.Linear)
    assert size(network) == 60_000 + 84 * 10 + 10
    images = torch.randn(4, 32, 32)
    f6 = obvious.f6_of(dict(network.named_parameters()), images)
    torch.testing.assert_close(network(images), f6 @ network.output.weight.T + network.output.bias)


def test_modern_network_has_61_706_parameters_and_the_usual_layers() -> None:
    network = build("lenet5-modern", "softmax", seed=1)
    assert size(network) == 61_706
    c1, c3, c5, f6, output = network.children()
    usual = nn.Sequential(
        *(c1, nn.ReLU(), nn.MaxPool2d(2), c3, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(c5, nn.ReLU(), f6, nn.ReLU(), output),
    )
    images = torch.randn(4, 32, 32)
    torch.testing.assert_close(network(images), usual(images[:, None]))


@pytest.mark.parametrize(("network", "head"), [("lenet5", "rbf"), ("lenet5", "softmax"), ("lenet5-modern", "softmax")])
def test_weights_start_within_2_4_over_root_of_fan_in(network: str, head: str) -> None:
    model = build(network, head, seed=1)
    full_c3 = torch.full((16, 6, 5, 5), 150.0) if network == "lenet5-modern" else None
    sources = obvious.table_i().sum(1)
    fan_in = {
        "c1": torch.tensor(25.0),
        "c3": full_c3 if full_c3 is not None else (25.0 * sources).repeat_interleave(sources)[:, None, None],
        "c5": torch.tensor(400.0),
        "f6": torch.tensor(120.0),
        "output": torch.tensor(84.0),
    }
    for name, parameter in model.named_parameters():
        layer, kind = name.split(".")
        if kind == "weight":
            share = parameter.detach() * fan_in[layer].sqrt() / 2.4
            assert 0.95 < float(share.abs().max()) <= 1 + 1e-6
            assert abs(float(share.mean())) < 0.15
        else:
            assert set(parameter.flatten().tolist()) == {0.25 if kind == "coefficient" else 0.0}


def test_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(0)
    first, other = build("lenet5", "rbf", seed=7), build("lenet5", "rbf", seed=8)
    torch.manual_seed(1)
    again = build("lenet5", "rbf", seed=7)
    for name, weights in first.state_dict().items():
        assert torch.equal(again.state_dict()[name], weights)
    assert not torch.equal(first.state_dict()["c5.weight"], other.state_dict()["c5.weight"])


@pytest.mark.parametrize(
    ("network", "head"), [("lenet5-modern", "rbf"), ("lenet5", "RBF"), ("lenet5", ""), ("lenet4", "softmax")]
)
def test_there_is_no_such_network(network: str, head: str) -> None:
    with pytest.raises(ValueError, match="no network") as refusal:
        build(network, head)
    assert repr(network) in str(refusal.value) and repr(head) in str(refusal.value)


def test_any_batch_will_do() -> None:
    network = build("lenet5", "rbf")
    assert network(torch.zeros(1, 32, 32)).shape == (1, 10)
    assert network(torch.zeros(0, 32, 32)).shape == (0, 10)
