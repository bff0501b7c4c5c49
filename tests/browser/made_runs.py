"""Runs as the pipeline records them, known exactly: a study of four trials, and two rows of two networks."""

from lenet5.tracking.records import Dataset, Metric, RunRecord

DIGEST = "d41d8cd98f00b204e9800998ecf8427e"
TRIALS = {0: (3.2, 2.1, 1.5), 1: (8.8,), 2: (3.0, 2.0, 1.25), 3: (3.4, 2.4)}
"""Validation error in percent after each epoch."""
NETWORKS = {("lenet5", 1): 0.82, ("lenet5", 2): 0.86, ("lenet5-dist", 1): 0.71, ("lenet5-dist", 2): 0.75}
"""Test error in percent."""
BEST = min(NETWORKS, key=lambda network: NETWORKS[network])


def made_runs() -> list[RunRecord]:
    """All runs, parents before their children."""
    return [study(), *(trial(number) for number in TRIALS), *(network(row, seed) for row, seed in NETWORKS)]


def study() -> RunRecord:
    best = (Metric("val/error_pct", 1.5, 0), Metric("val/error_pct", 1.25, 2))
    return RunRecord(key="study", plan="study", name="study", status="FINISHED", metrics=best, tags={"kind": "study"})


def trial(number: int) -> RunRecord:
    errors = TRIALS[number]
    return RunRecord(
        key=f"trial {number}",
        plan=f"trial {number}",
        name=f"trial-{number:03}",
        status="FINISHED" if len(errors) == 3 else "KILLED",
        params={"learning_rate": str(0.02 * (number + 1)), "momentum": "0.9"},
        metrics=tuple(Metric("val/error_pct", error, epoch) for epoch, error in enumerate(errors, 1)),
        tags={"kind": "trial"},
        parent="study",
    )


def network(row: str, seed: int) -> RunRecord:
    training = tuple(Metric("train/error_pct", 10 / epoch, epoch) for epoch in range(1, 6))
    return RunRecord(
        key=f"{row} {seed}",
        plan=f"{row} {seed}",
        name=f"{row}-seed-{seed}",
        status="FINISHED",
        params={"row": row, "seed": str(seed)},
        metrics=(*training, Metric("test/error_pct", NETWORKS[row, seed], 5)),
        tags={"kind": "network", "verdict": "reproduced"},
        datasets=(Dataset("MNIST training", "data/prepared/training.safetensors", DIGEST, "training", 60_000),),
    )
