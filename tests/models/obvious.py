"""LeNet-5 the obvious way, layer by layer as section II.B says it: slow, and shares no code with the real one."""

import torch
from torch import Tensor
from torch.nn import functional

# Table I as printed: a row per map of S2, a column per map of C3.
TABLE_I = """
    X . . . X X X . . X X X X . X X
    X X . . . X X X . . X X X X . X
    X X X . . . X X X . . X . X X X
    . X X X . . X X X X . . X . X X
    . . X X X . . X X X X . X X . X
    . . . X X X . . X X X X . X X X
"""


def table_i() -> Tensor:
    """[16, 6]: whether a map of C3 is connected to a map of S2."""
    lines = TABLE_I.strip().splitlines()
    return torch.tensor([[cell == "X" for cell in line.split()] for line in lines]).T


def squash(a: Tensor) -> Tensor:
    return 1.7159 * torch.tanh(2 / 3 * a)


def subsampled(maps: Tensor, coefficient: Tensor, bias: Tensor) -> Tensor:
    return squash(4 * functional.avg_pool2d(maps, 2) * coefficient + bias)


def full_kernels(kernels: Tensor) -> Tensor:
    """C3's kernels [60, 5, 5], in the order of its maps, as [16, 6, 5, 5] with zeros where nothing is connected."""
    taken = iter(kernels)
    nothing = torch.zeros_like(kernels[0])
    return torch.stack([torch.stack([next(taken) if cell else nothing for cell in row]) for row in table_i()])


def f6_of(weights: dict[str, Tensor], images: Tensor) -> Tensor:
    """What layer F6 gives for `images` [n, 32, 32] with the weights of a `LeNet5`: [n, 84]."""
    c1 = squash(functional.conv2d(images[:, None], weights["c1.weight"][:, None], weights["c1.bias"]))
    s2 = subsampled(c1, weights["s2.coefficient"][:, None, None], weights["s2.bias"][:, None, None])
    c3 = squash(functional.conv2d(s2, full_kernels(weights["c3.weight"]), weights["c3.bias"]))
    s4 = subsampled(c3, weights["s4.coefficient"][:, None, None], weights["s4.bias"][:, None, None])
    c5 = squash(functional.linear(s4.flatten(1), weights["c5.weight"], weights["c5.bias"]))
    return squash(functional.linear(c5, weights["f6.weight"], weights["f6.bias"]))


def penalties_of(f6: Tensor, codes: Tensor) -> Tensor:
    """The squared distances of F6 [n, 84] from the codes [10, 84]: [n, 10]."""
    return torch.stack([((f6 - code) ** 2).sum(1) for code in codes], 1)
