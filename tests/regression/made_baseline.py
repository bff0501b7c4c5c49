"""A baseline of made-up runs: small, plausible, known exactly."""

import json

import numpy as np

from lenet5.regression.record import SCHEMA, Record
from regression.baselines import reseedings_csv
from regression.running import Run

EXAMPLES, SEEDS, ROWS = 800, 3, ("lenet5", "lenet5-dist")
PLATFORM = {"system": "Linux", "architecture": "x86_64", "torch": "2.13.0"}


def made_record(**changes: object) -> Record:
    """What a run says, some of it changed."""
    content = {
        "version": SCHEMA,
        "platform": PLATFORM,
        "data": "0123456789abcdef",
        "exact": {"prepare": {"images": "aa"}, "loss": {"lenet5": "2.5"}, "train": {"lenet5 seed 1 c1.weight": "bb"}},
        "structure": {"network lenet5": {"trainable parameters": "60000"}},
    }
    return Record.model_validate(content | changes)


def made_run(wrong: int = 24, first: int = 0, **changes: object) -> Run:
    """A run whose networks get `wrong` of the 800 examples wrong, other ones for each seed from `first` on."""
    answers = np.ones((SEEDS, EXAMPLES), dtype=np.uint8)
    for seed in range(SEEDS):
        start = first + seed * wrong
        answers[seed, start : start + wrong] = 0
    record = made_record(**changes)
    return Run(record, json.dumps(record.model_dump(), indent=1), {row: np.packbits(answers, axis=1) for row in ROWS})


def made_reseedings() -> str:
    """Ten runs around 3 %, 24 of 800 wrong, with a spread of 0.1 points or so."""
    random = np.random.default_rng(1)
    return reseedings_csv(
        {number: {row: list(3 + 0.15 * random.normal(size=SEEDS)) for row in ROWS} for number in range(1, 11)}
    )
