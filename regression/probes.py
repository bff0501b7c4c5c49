"""What can be seen of the arithmetic before anything is trained, piece by piece: it tells where a change begins."""

import hashlib
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lenet5.data.datamodule import EpochOrder
from lenet5.data.distortions import distort, draw_maps
from lenet5.data.prepared import load_training_data
from lenet5.models.lenet import build
from lenet5.models.losses import training_loss
from lenet5.params import Params
from lenet5.training.optim import one_cycle
from pipeline.files import TRAINING_DATA

PATTERNS = 500
BATCH = 64
J, ENERGY_SCALE = 1.0, 0.04
"""Of the loss that is probed; any would do."""


def probes(params: Params) -> dict[str, dict[str, str]]:
    """Digests of what each piece makes of the first patterns, in the order in which a training comes to it."""
    data = load_training_data(TRAINING_DATA)
    images, labels, seed = data.images[:PATTERNS], data.labels[:PATTERNS], params.train.seeds[0]
    order = next(iter(EpochOrder(torch.arange(len(data.labels)), BATCH, seed, 0)))[1]
    found: dict[str, dict[str, str]] = {
        "order of the patterns": {f"seed {seed}, first stretch": tensor_digest(order)},
        "distortions": {
            "first patterns": tensor_digest(distort(images, draw_maps(params.distortions, seed, 0, PATTERNS)))
        },
        "learning rate schedule": {f"at {share:.0%}": repr(one_cycle(share, 1.0)) for share in (0, 0.1, 0.3, 0.6, 0.9)},
    }
    for name, row in params.train.rows.items():
        network = build(row.network, row.head, seed=seed)
        for place, facts in network_probes(network, row.head, images, labels).items():
            found.setdefault(place, {}).update({f"{name} {fact}": value for fact, value in facts.items()})
    return found


def network_probes(network: nn.Module, head: str, images: Tensor, labels: Tensor) -> dict[str, dict[str, str]]:
    """Of an untrained network: its weights, what it makes of the patterns, its loss and gradients."""
    start = {key: tensor_digest(tensor) for key, tensor in network.state_dict().items()}
    scores = network(images)
    loss = training_loss(head, scores, labels, J, ENERGY_SCALE)
    torch.autograd.backward(loss)
    gradients = {key: tensor_digest(each.grad) for key, each in network.named_parameters() if each.grad is not None}
    return {
        "initial weights": start,
        "forward pass": {"scores": tensor_digest(scores.detach())},
        "loss": {"before training": repr(loss.item())},
        "gradients": gradients,
    }


def tensor_digest(tensor: Tensor) -> str:
    return array_digest(tensor.numpy())


def array_digest(array: NDArray[np.generic]) -> str:
    """Of kind, shape and every bit."""
    return text_digest(f"{array.dtype}{array.shape}".encode() + array.tobytes())


def text_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def digests(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, str]:
    return {name: array_digest(array) for name, array in arrays.items()}
