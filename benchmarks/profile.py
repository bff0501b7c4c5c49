"""`python -m benchmarks.profile bare|ours --steps N`: what the time of a training step goes to, by operation.

Torch's profiler slows down what it watches, so that shares mean more than times. What no operation of torch accounts
for is Python, Lightning, and code that torch does not know as an operation of its own.
"""

import argparse
import importlib
import json
import time
from pathlib import Path

from benchmarks.contestants.__main__ import keep_memory
from benchmarks.contestants.options import Options
from lenet5 import numerics
from pipeline.files import TEST_DATA, TRAINING_DATA, read_best

OUTSIDE = "outside torch's operations"


def main() -> None:
    """Profile one contestant in portable arithmetic; one line of JSON: [name, calls a step, µs a step], ..."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile")
    parser.add_argument("name", choices=("bare", "loop", "ours"))
    parser.add_argument("--steps", type=int, default=100)
    chosen = parser.parse_args()
    numerics.set_up("portable")
    if chosen.name != "bare":
        keep_memory("benchmarks.profile")
    print(json.dumps(profiled(chosen.name, chosen.steps)))


def profiled(name: str, steps: int) -> list[tuple[str, float, float]]:
    """Each operation of torch with its calls and microseconds in a step, the costliest first."""
    from torch.profiler import ProfilerActivity, profile

    batch = read_best().batch_size
    options = Options("epoch", Path(TRAINING_DATA), Path(TEST_DATA), steps * batch, batch, distorted=False, trials=0)
    work = importlib.import_module(f"benchmarks.contestants.{name}").work(options)
    work()
    with profile(activities=[ProfilerActivity.CPU]) as watched:
        started = time.perf_counter()
        work()
        whole_us = 1e6 * (time.perf_counter() - started)
    events = [(each.key, each.count / steps, each.self_cpu_time_total / steps) for each in watched.key_averages()]
    rest = (OUTSIDE, 1.0, whole_us / steps - sum(us for _, _, us in events))
    return sorted([*events, rest], key=lambda each: -each[2])


if __name__ == "__main__":
    main()
