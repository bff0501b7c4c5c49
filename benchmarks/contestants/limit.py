"""The arithmetic limit: the network's multiply-adds at the rate of a large matrix product on one thread."""

import time

import torch

from benchmarks import multiply_adds
from benchmarks.contestants.options import Options

SIDE = 1024
PRODUCTS = 20


def seconds_per_multiply_add() -> float:
    """Of a float32 matrix product whose operands fit the caches in blocks: as fast as this core multiplies."""
    torch.set_num_threads(1)
    source = torch.Generator().manual_seed(1)
    left, right = (torch.rand(SIDE, SIDE, generator=source) for _ in range(2))
    product = left @ right
    started = time.perf_counter()
    for _ in range(PRODUCTS):
        torch.mm(left, right, out=product)
    return (time.perf_counter() - started) / (PRODUCTS * SIDE**3)


def seconds(options: Options) -> float:
    """What the multiply-adds of the task alone would take."""
    count = multiply_adds.of_training() if options.task == "epoch" else multiply_adds.of_evaluation()
    return options.patterns * count * seconds_per_multiply_add()
