"""What a network costs, counted from its layers: multiplications, connections as the paper counts them, variables."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lenet5.models.layers import Convolution, EuclideanRbf, Subsampling
from lenet5.models.lenet import LeNet5, multiply_adds
from lenet5.models.sizes import PAPER_SIZES


@dataclass(frozen=True)
class Counted:
    """Of LeNet-5 in the paper's sizes with its RBF output."""

    multiply_adds: int
    """Multiplications by a weight for one image; subsampling and biases do not count."""
    connections: int
    """Inputs of all units, each bias one more, as section II.B counts."""
    trainable: int
    fixed: int
    """Components of the output codes."""


def count_lenet5() -> Counted:
    """Count the network that is trained here."""
    network = LeNet5("rbf", PAPER_SIZES)
    return Counted(
        multiply_adds=multiply_adds("lenet5"),
        connections=sum(connections(network).values()),
        trainable=sum(parameter.numel() for parameter in network.parameters()),
        fixed=sum(layer.codes.numel() for layer in network.modules() if isinstance(layer, EuclideanRbf)),
    )


def connections(network: LeNet5) -> dict[str, int]:
    """The connections of each layer, by its name, as one image meets them."""
    found: dict[str, int] = {}

    def count(layer: nn.Module, _given: tuple[Any, ...], output: Tensor) -> None:
        found[names[layer]] = connections_of(layer, output)

    names = {layer: name for name, layer in network.named_children()}
    hooks = [layer.register_forward_hook(count) for layer in names]
    network.output(network.layer_by_layer(torch.zeros(1, 32, 32)))
    for hook in hooks:
        hook.remove()
    return found


def connections_of(layer: nn.Module, output: Tensor) -> int:
    """Inputs of the units of one layer, whose `output` for one image is given."""
    if isinstance(layer, EuclideanRbf):
        return layer.codes.numel()
    if isinstance(layer, Subsampling):
        return output.numel() * (4 + 1)  # a square of 2x2, and the bias
    places = output[0, 0].numel() if isinstance(layer, Convolution) else 1
    return places * sum(parameter.numel() for parameter in layer.parameters())
