"""LeNet-5 and its loss as anyone would write them with torch's modules: the same network, the same mathematics.

What is measured against. A test compares its outputs and gradients with the library's.
"""

import torch
from torch import Tensor, nn

from lenet5.models.codes import digit_codes
from lenet5.models.sizes import C3_TABLE


class Squash(nn.Module):
    """f(a) = 1.7159 tanh(2/3 a)."""

    def forward(self, a: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(2 / 3 * a)


class Subsampling(nn.Module):
    """S2, S4: the mean of each 2x2 square, times four, times a coefficient, plus a bias."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(2)
        self.coefficient = nn.Parameter(torch.full((maps, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, maps: Tensor) -> Tensor:
        sums: Tensor = 4 * self.pool(maps)
        return sums * self.coefficient + self.bias


class MaskedConvolution(nn.Conv2d):
    """C3: a dense convolution whose missing connections are held at zero by a mask."""

    mask: Tensor

    def __init__(self, inputs: int, table: tuple[tuple[int, ...], ...]) -> None:
        super().__init__(inputs, len(table), 5)
        mask = torch.zeros(len(table), inputs, 1, 1)
        for output, sources in enumerate(table):
            mask[output, list(sources)] = 1
        self.register_buffer("mask", mask)

    def forward(self, maps: Tensor) -> Tensor:
        return nn.functional.conv2d(maps, self.weight * self.mask, self.bias)


class Rbf(nn.Module):
    """The penalties: squared distances from the ten fixed codes."""

    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("weight", digit_codes())

    def forward(self, f6: Tensor) -> Tensor:
        return ((f6[:, None] - self.weight) ** 2).sum(2)


class ObviousLeNet5(nn.Sequential):
    """Images [n, 1, 32, 32] -> penalties [n, 10]; the layers have the names of the paper."""

    def __init__(self) -> None:
        super().__init__()
        self.c1, self.squash1 = nn.Conv2d(1, 6, 5), Squash()
        self.s2, self.squash2 = Subsampling(6), Squash()
        self.c3, self.squash3 = MaskedConvolution(6, C3_TABLE), Squash()
        self.s4, self.squash4 = Subsampling(16), Squash()
        self.c5, self.squash5 = nn.Conv2d(16, 120, 5), Squash()
        self.flatten = nn.Flatten()
        self.f6, self.squash6 = nn.Linear(120, 84), Squash()
        self.output = Rbf()


def obvious_loss(penalties: Tensor, labels: Tensor, j: float, energy_scale: float) -> Tensor:
    """Loss (9) on scaled penalties [n, 10] and labels [n]: the mean of y_D + log(e^-j + sum_i e^-y_i)."""
    scaled = energy_scale * penalties
    rubbish = torch.full((len(scaled), 1), -j, device=scaled.device)
    competition = torch.logsumexp(torch.cat([-scaled, rubbish], 1), 1)
    return (scaled[torch.arange(len(labels)), labels] + competition).mean()


def take_weights(network: ObviousLeNet5, weights: dict[str, Tensor]) -> None:
    """Give `network` the `weights` of a `LeNet5` of the library."""
    dense = torch.zeros_like(network.c3.weight)
    dense[network.c3.mask[:, :, 0, 0].bool()] = weights["c3.weight"]
    shaped = {name: weights[name].reshape(value.shape) for name, value in network.named_parameters() if name != C3}
    network.load_state_dict(shaped | {C3: dense}, strict=False)


C3 = "c3.weight"
