"""How many multiplications with a weight one image costs, counted from the network itself."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.obvious import MaskedConvolution, ObviousLeNet5, Rbf

Weighted = nn.Conv2d | nn.Linear | Rbf


@dataclass(frozen=True)
class LayerCost:
    """Multiply-adds of one layer for one image."""

    name: str
    forward: int
    backward: int
    """As many again for each gradient that is needed: of its weights if they are trained, of its input if that is
    no image."""


def layer_costs(network: ObviousLeNet5) -> list[LayerCost]:
    """What one image costs in each layer that multiplies by weights.

    Squashing and subsampling are left out: they are no matrix product, and fewer by far.
    """
    costs: list[LayerCost] = []

    def count(layer: nn.Module, given: tuple[Any, ...], output: Tensor) -> None:
        assert isinstance(layer, Weighted)
        positions = output[0, 0].numel()  # at which the same weights are used
        forward = connections(layer) * positions
        gradients = int(given[0].requires_grad) + int(layer.weight.requires_grad)
        costs.append(LayerCost(names[layer], forward, gradients * forward))

    names = {layer: name for name, layer in network.named_modules() if isinstance(layer, Weighted)}
    hooks = [layer.register_forward_hook(count) for layer in names]
    network(torch.zeros(1, 1, 32, 32))
    for hook in hooks:
        hook.remove()
    return costs


def connections(layer: Weighted) -> int:
    """Weights of a layer, without those that a mask holds at zero."""
    if isinstance(layer, MaskedConvolution):
        return int(layer.mask.expand_as(layer.weight).sum())
    return layer.weight.numel()


def of_evaluation() -> int:
    """Multiply-adds of one image, forward: 326,520."""
    return sum(cost.forward for cost in layer_costs(ObviousLeNet5()))


def of_training() -> int:
    """Multiply-adds of one image, forward and backward."""
    return of_evaluation() + sum(cost.backward for cost in layer_costs(ObviousLeNet5()))
