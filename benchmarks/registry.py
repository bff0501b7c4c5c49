"""All rows, in the order of the report: what each is called, what it shows, and the function that measures it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.plan import Plan
from benchmarks.records import Measurement
from benchmarks.rows import epochs, live, stages, studies, updates


@dataclass(frozen=True)
class Row:
    """One subject of the report."""

    title: str
    text: str
    """What a reader must know to read its tables."""
    measure: Callable[[Plan], Iterator[Measurement]]


PROFILE = "profile"
"""The one row that is no measurement of time."""

ROWS = {
    "epoch": Row(
        "One training epoch",
        "Without distortions, at the batch size that the search chose and at another one.",
        epochs.epoch,
    ),
    "distortions": Row(
        "One training epoch with distortions on the fly",
        "`stock` distorts example by example, as a transform of a data set does; the others whole batches.",
        epochs.distortions,
    ),
    "updates": Row(
        "Updates of the 1998 training",
        "One pattern each. `eager` is the obvious modules with a rate for each weight, and spends nothing on "
        "curvatures; `ours` estimates them too. What it takes beyond the two parts shown is C1 to S4 on the way back, "
        "and their steps.",
        updates.updates,
    ),
    "evaluation": Row("Evaluation", "One network answers for the test set.", epochs.evaluation),
    "study": Row(
        "A study",
        "Ours is `python -m pipeline search` from start to end, with its pruning. `stock` is `study.optimize` with the "
        "stock recipe on configurations of the same study without pruning; where it ran fewer trials than ours, its "
        "rate counts. `jobs cached`: the store was deleted, the finished jobs were not, so that no training was left.",
        studies.study,
    ),
    "coordinator": Row(
        "The coordinator alone",
        "A study whose jobs cost nothing, in SQLite. Memory is what the process had at the end of each stretch.",
        studies.coordinator,
    ),
    "repro": Row(
        "The whole `dvc repro`",
        "In a copy of the project that has nothing but the raw files; `.venv` stands already.",
        stages.repro,
    ),
    "noop": Row(
        "`dvc repro` with nothing to do",
        "Beside a pipeline of as many stages with the command `true` and one small dependency each.",
        stages.noop,
    ),
    "startup": Row(
        "Start of each stage",
        "From the start of Python until the stage would begin its work.",
        stages.startup,
    ),
    "report": Row("The report", "The stage that judges and draws, from start to end.", stages.report),
    "track": Row(
        "MLflow",
        "The stage that fills MLflow, from start to end; and made-up runs, without imports and making a database.",
        stages.track,
    ),
    "live": Row(
        "A training that MLflow shows",
        "The train stage from start to end, on all cores, so that whatever shows it takes its time from the training. "
        "`MLflow never answers`: the address takes connections, and nothing comes back.",
        live.live,
    ),
    "growth-examples": Row(
        "Growth with examples",
        "An epoch over training sets of several sizes. Memory holds the training set, of 4 KiB a pattern.",
        epochs.growth_examples,
    ),
    "growth-trials": Row(
        "Growth with trials",
        "Studies of several lengths on a small training set, with two workers. Memory is that of the largest process.",
        studies.growth_trials,
    ),
    "gpu": Row("On a GPU", "The same code, if there is one.", epochs.gpu),
}
