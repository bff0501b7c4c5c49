"""`python -m benchmarks.view RUNS`: fill a new MLflow with made-up runs, then look it over, as lines of JSON.

Imports and the making of the database are not counted: both are MLflow's own.
"""

import json
import resource
import sys
import tempfile
import time

from benchmarks.plan import SCRATCH
from benchmarks.processes import MAXRSS_UNITS_IN_A_MIB
from lenet5.tracking.records import Dataset, Metric, RunRecord
from lenet5.tracking.sync import sync

EPOCHS = 20
CURVES = ("learning_rate", "train/loss", "train/error_pct")
DATA = (Dataset("MNIST training", "data/training", "0" * 32, "training", 60_000),)


def made_up(runs: int) -> list[RunRecord]:
    """A parent and its children, with as many params, tags and points as trained networks have."""
    return [made_up_run(number) for number in range(runs)]


def made_up_run(number: int) -> RunRecord:
    return RunRecord(
        key=f"run {number}",
        plan=f"plan {number}",
        name=f"run {number}",
        status="FINISHED",
        params={f"param {each}": str(number) for each in range(20)},
        metrics=tuple(Metric(name, 1 / epoch, epoch) for epoch in range(1, EPOCHS + 1) for name in CURVES),
        tags={f"dvc.in.file-{each}": f"{number:032}" for each in range(40)},
        datasets=DATA,
        parent="run 0" if number else None,
    )


def main(runs: int) -> None:
    """Fill it twice."""
    records = made_up(runs)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        sync([], f"sqlite:///{folder}/mlflow.db")
        for _ in ("first fill", "second pass"):
            started = time.perf_counter()
            sync(records, f"sqlite:///{folder}/mlflow.db")
            seconds = time.perf_counter() - started
            peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_UNITS_IN_A_MIB
            print(json.dumps({"seconds": seconds, "size": runs, "peak_mib": peak_mib}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
