"""The weights that a training starts from (section III.B), and the network that its weights make."""

import numpy as np
import torch
from torch import Tensor

from lenet5.models.lenet import LeNet5
from lenet5.models.one_thread import Weights
from lenet5.models.sizes import PAPER_SIZES
from lenet5.randomness import generator
from lenet5.sdlm.conventions import Conventions

INPUTS_OF_A_SQUARE = 4


def share(conventions: Conventions) -> float:
    """What a subsampling unit multiplies each of its four inputs by, besides its coefficient."""
    return 1 / INPUTS_OF_A_SQUARE if conventions.subsampling == "averaged" else 1.0


def initial_weights(conventions: Conventions, seed: int) -> Weights:
    """The weights of LeNet-5 in the paper's sizes, drawn from `seed` alone."""
    network = LeNet5("rbf", PAPER_SIZES)
    source = generator("initial weights of 1998", seed)
    inputs = fan_ins(network)
    tensors = {
        name: torch.rand(parameter.shape, generator=source) * 2 - 1 for name, parameter in network.named_parameters()
    }
    for name, tensor in tensors.items():
        tensor *= bounds(conventions, inputs[name])
        if name.endswith("coefficient") and conventions.initial_coefficients == "average":
            tensor.fill_(1 / INPUTS_OF_A_SQUARE / share(conventions))
        elif name.endswith("bias") and conventions.initial_biases == "zero":
            tensor.zero_()
    return Weights(*(tensors[parameter_name(field)].numpy() for field in Weights._fields))


def bounds(conventions: Conventions, inputs: Tensor) -> Tensor:
    """2.4/F or 2.4/sqrt(F)."""
    # Through numpy: torch's square root goes through MKL, where Intel and AMD differ in the last bit.
    root = torch.tensor(np.sqrt(inputs.numpy()))
    return 2.4 / (inputs if conventions.initial_weights == "fan-in" else root)


def fan_ins(network: LeNet5) -> dict[str, Tensor]:
    """F, the number of inputs of the unit that a parameter belongs to, in a shape that it can be divided by."""
    of_c3 = network.c3.fan_in()
    per_map = torch.bincount(network.c3.links[:, 0]) * 25
    known = {"c1": 25.0, "s2": 4.0, "s4": 4.0, "c5": 400.0, "f6": 120.0}
    shaped = {"c3.weight": of_c3[:, None, None].float(), "c3.bias": per_map.float()}
    return {
        name: shaped[name] if name in shaped else torch.tensor(known[name.split(".")[0]])
        for name, _ in network.named_parameters()
    }


def parameter_name(field: str) -> str:
    """`c1.weight` for `c1_weight`."""
    return field.replace("_", ".", 1)


def state_dict(weights: Weights, conventions: Conventions) -> dict[str, Tensor]:
    """The weights as those of `models.lenet.LeNet5`, whose subsampling units add; copies."""
    named = {parameter_name(field): torch.from_numpy(array.copy()) for field, array in weights._asdict().items()}
    for name in ("s2.coefficient", "s4.coefficient"):
        named[name] *= share(conventions)
    return named


def weights_of(named: dict[str, Tensor], conventions: Conventions) -> Weights:
    """The inverse of `state_dict`."""
    arrays = {field: named[parameter_name(field)].numpy().copy() for field in Weights._fields}
    for field in ("s2_coefficient", "s4_coefficient"):
        arrays[field] /= np.float32(share(conventions))
    return Weights(**arrays)
