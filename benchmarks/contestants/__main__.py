"""`python -m benchmarks.contestants NAME ...`: one contestant, which does its work once for every line on stdin.

Between its turns it waits, so that several can be measured in turns, each in a process set up for it. It says "ready"
when it is, and answers with a line of JSON: seconds, how much it did, and the most memory that it has had [MiB].
"""

import argparse
import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TextIO

from benchmarks.contestants.options import Options
from lenet5 import numerics

NAMES = ("stock", "stock_study", "bare", "loop", "ours", "limit", "eager_1998", "ours_1998")
MAXRSS_UNITS_IN_A_MIB = 2**20 if sys.platform == "darwin" else 2**10
WARM_UP_BATCHES = 5


def main(arguments: list[str]) -> None:
    """Set the arithmetic, get ready, work line by line."""
    chosen = parse(arguments)
    if chosen.numerics != "default":
        numerics.set_up(chosen.numerics)
    if chosen.name in ("loop", "ours"):
        keep_memory("benchmarks.contestants")
    answers = taken_stdout()
    work = timed_work(chosen)
    print("ready", file=answers, flush=True)
    for _ in sys.stdin:
        seconds, images = work()
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_UNITS_IN_A_MIB
        print(json.dumps({"seconds": seconds, "size": images, "peak_mib": peak_mib}), file=answers, flush=True)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contestants")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--task", choices=("epoch", "evaluation", "answers", "connected"), default="epoch")
    parser.add_argument("--numerics", choices=("portable", "native", "default"), default="default")
    parser.add_argument("--training-data", type=Path, default=Path("data/prepared/training.safetensors"))
    parser.add_argument("--test-data", type=Path, default=Path("data/prepared/test.safetensors"))
    parser.add_argument("--patterns", type=int, default=60_000)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--trials", type=int, default=2, help="of stock_study: how many of ours")
    parser.add_argument("--distorted", action="store_true")
    return parser.parse_args(arguments)


def keep_memory(module: str) -> None:
    """Start `module` again as the library's workers are started: malloc's settings count from a process's start."""
    from lenet5.workers.interface import KEEP_MEMORY

    if any(os.environ.get(name) != value for name, value in KEEP_MEMORY.items()):
        command = [sys.executable, "-m", module, *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | KEEP_MEMORY)


def taken_stdout() -> TextIO:
    """Where the answers go. What else is printed, Lightning's tables for one, goes to stderr from now on."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def timed_work(chosen: argparse.Namespace) -> Callable[[], tuple[float, int]]:
    """What gives the seconds that one turn took, and how much was done in it."""
    options = Options(**{field.name: getattr(chosen, field.name) for field in fields(Options)})
    contestant = importlib.import_module(f"benchmarks.contestants.{chosen.name}")
    if chosen.name == "limit":
        return lambda: (contestant.seconds(options), options.patterns)
    contestant.work(replace(options, patterns=WARM_UP_BATCHES * options.batch_size, trials=1))()
    work = contestant.work(options)

    def timed() -> tuple[float, int]:
        started = time.perf_counter()
        size = work()
        return time.perf_counter() - started, size

    return timed


if __name__ == "__main__":
    main(sys.argv[1:])
