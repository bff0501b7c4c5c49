"""What networks cost, counted from their layers."""

from dataclasses import dataclass

from torch import nn

from lenet5.costs import connections
from lenet5.models.layers import Convolution, EuclideanRbf, Subsampling
from lenet5.models.lenet import LeNet5, weights_of

MAP_SIDES = {"c1": 28, "s2": 14, "c3": 10, "s4": 5}
"""Rows and columns of the maps of a layer."""


@dataclass(frozen=True)
class NetworkCost:
    """A row's network: its trainable parameters, and the multiplications by a weight that one image takes."""

    row: str
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class LayerCost:
    """The same of a layer, with its connections as the paper counts them."""

    name: str
    units: str
    parameters: int
    connections: int
    multiply_adds: int


def parameters_of(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def layer_costs(network: LeNet5) -> list[LayerCost]:
    """What each layer costs for one image."""
    linked = connections(network)
    return [layer_cost(name, layer, linked[name]) for name, layer in network.named_children()]


def layer_cost(name: str, layer: nn.Module, linked: int) -> LayerCost:
    """Count one layer with its connections; the fixed codes of the RBF output multiply, though they are not trained."""
    parameters, places = parameters_of(layer), MAP_SIDES.get(name, 1) ** 2
    weights = sum(weight.numel() for weight in weights_of(layer))
    if isinstance(layer, EuclideanRbf):
        return LayerCost("output", str(len(layer.codes)), parameters, linked, layer.codes.numel())
    if isinstance(layer, Subsampling):
        return LayerCost(name.upper(), maps_of(name, len(layer.bias)), parameters, linked, 0)
    units = maps_of(name, layer.outputs) if isinstance(layer, Convolution) else str(layer.out_features)
    return LayerCost(name.upper(), units, parameters, linked, places * weights)


def maps_of(name: str, count: int) -> str:
    return f"{count} of {MAP_SIDES[name]}x{MAP_SIDES[name]}"
