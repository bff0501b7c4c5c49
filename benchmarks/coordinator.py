"""`python -m benchmarks.coordinator TRIALS EVERY`: a study whose jobs cost nothing, in a new SQLite store.

It says what every so many trials took, and the memory then, as lines of JSON. The one place here that knows how a
study is run.
"""

import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.plan import SCRATCH
from lenet5 import numerics
from lenet5.hyperparameters import Hyperparameters
from lenet5.params import load_params

PAGE_MIB = 1 / 256


def error_of(chosen: Hyperparameters, epochs: int) -> float:
    """A made-up validation error, in percent, that a sampler can learn."""
    return 1 + abs(math.log(chosen.learning_rate / 0.05)) + 5 * abs(chosen.momentum - 0.9) + 1 / epochs


def evaluate(configurations: Sequence[Hyperparameters], epochs: int) -> list[float]:
    return [error_of(each, epochs) for each in configurations]


def memory_mib() -> float:
    """What this process has in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MIB


class Meter:
    """Told after each rung; says what the trials of the last rounds took."""

    def __init__(self, rungs: int, round_size: int, every: int) -> None:
        self.calls, self.rungs, self.round_size, self.every = 0, rungs, round_size, every
        self.said, self.started = 0, time.perf_counter()

    def tell(self) -> None:
        self.calls += 1
        trials, rest = divmod(self.calls, self.rungs)
        trials *= self.round_size
        if rest == 0 and trials - self.said >= self.every:
            now = time.perf_counter()
            turn = {"seconds": now - self.started, "size": trials - self.said, "peak_mib": memory_mib()}
            print(json.dumps(turn), flush=True)
            self.said, self.started = trials, now


def main(trials: int, every: int) -> None:
    """Run it."""
    params = load_params()
    numerics.set_up(params.numerics)
    from lenet5.study.rounds import RungDone, run_study

    options = params.search.model_copy(update={"trials": trials, "round_size": min(trials, params.search.round_size)})
    meter = Meter(len(options.rungs), options.round_size, every)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        run_study(
            options,
            "free",
            f"sqlite:///{folder}/study.db",
            evaluate,
            lambda _chosen: 0,
            lambda event: meter.tell() if isinstance(event, RungDone) else None,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
