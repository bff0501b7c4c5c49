"""A trained network as JSON that the page's JavaScript reads."""

import base64
from typing import Any

from torch import Tensor

from lenet5.hyperparameters import Hyperparameters
from lenet5.models.layers import EuclideanRbf
from lenet5.models.lenet import LeNet5
from lenet5.report.page.thoughts import reject_above

LITTLE_ENDIAN_FLOAT = "<f4"


def exported(network: LeNet5, chosen: Hyperparameters) -> dict[str, Any]:
    """The network for lenet5.js: weights in base64, which maps are linked, the codes, and the constants of eq. 9.

    Raises:
        ValueError: the network has no RBF output.
    """
    if not isinstance(network.output, EuclideanRbf):
        raise ValueError("only a network with the RBF output can run on the page")
    return {
        "tensors": {name: encoded(tensor) for name, tensor in network.state_dict().items()},
        "links": {"c1": network.c1.links.tolist(), "c3": network.c3.links.tolist()},
        "codes": network.output.codes.int().tolist(),
        "energy_scale": chosen.energy_scale,
        "reject_above": reject_above(chosen),
    }


def encoded(tensor: Tensor) -> str:
    """32-bit floats in base64, row by row."""
    return base64.b64encode(tensor.numpy().astype(LITTLE_ENDIAN_FLOAT).tobytes()).decode()
