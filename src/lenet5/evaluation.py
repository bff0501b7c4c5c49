"""From a trained network to its answers."""

import torch
from torch import Tensor, nn

BATCH = 500


def scores_of(network: nn.Module, images: Tensor) -> Tensor:
    """The network's scores [n, 10] for images [n, 32, 32], larger is better; batches of a fixed size, no gradients.

    The size is fixed because sums over a batch of another size may round differently.
    """
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(batch) for batch in torch.split(images, BATCH)])
