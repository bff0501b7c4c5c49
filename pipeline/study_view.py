"""How the study stands: live on a terminal (round, rung, jobs, the best so far, the time left), else in lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rich.table import Table

from lenet5.params import Search
from lenet5.study.pruning import survivors
from lenet5.study.rounds import Event, RungDone, RungStarted, StudyOpened
from lenet5.training.job import Epoch
from pipeline.progress import Progress

MOST_JOBS_SHOWN = 16


@dataclass
class Job:
    """How far a trial's training is in the rung under way."""

    trial: int
    epochs: int = 0
    val_error_pct: float | None = None


class StudyView:
    """Shows what the study tells."""

    def __init__(self, options: Search) -> None:
        self.options = options
        self.rounds = options.trials // options.round_size
        self.progress = Progress("search", 0)
        self.best_pct: float | None = None
        self.jobs: list[Job] = []
        self.epoch = 0

    def __enter__(self) -> Self:
        self.progress.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.progress.__exit__(*error)

    def tell(self, event: Event) -> None:
        """Take in where the study is."""
        options = self.options
        if isinstance(event, StudyOpened):
            self.best_pct = event.best_pct
            self.progress.expect(self.epochs_of_rounds(event.rounds_done))
        elif isinstance(event, RungStarted):
            self.epoch = options.rungs[event.rung]
            self.jobs = [Job(number) for number in event.trials]
            self.say(event.round, event.rung, f"trains to epoch {self.epoch}")
        else:
            self.best_pct = smaller(self.best_pct, event.best_pct)
            to_come = epochs_to_come(options, event.going_on, event.rung + 1) + self.epochs_of_rounds(event.round + 1)
            self.progress.expect(to_come)
            self.jobs = []
            self.say(event.round, event.rung, f"done, {event.going_on} trials go on" if self.more(event) else "done")

    def more(self, event: RungDone) -> bool:
        return event.rung + 1 < len(self.options.rungs)

    def epoch_done(self, position: int, history: Sequence[Epoch]) -> None:
        """A job of the rung under way is one epoch further."""
        job = self.jobs[position]
        job.epochs, job.val_error_pct = len(history), history[-1].val_error_pct
        self.progress.show(self.table())
        self.progress.advance()

    def epochs_of_rounds(self, done: int) -> int:
        """How many epochs the rounds train that come after so many."""
        return (self.rounds - done) * epochs_to_come(self.options, self.options.round_size, rung=0)

    def say(self, number: int, rung: int, what: str) -> None:
        best = "" if self.best_pct is None else f", best validation error so far {self.best_pct:.2f} %"
        self.progress.show(self.table())
        self.progress.say(f"round {number + 1}/{self.rounds}, rung {rung + 1}/{len(self.options.rungs)} {what}{best}")

    def table(self) -> Table:
        """The rung's jobs, those that have not ended first."""
        table = Table("trial", "epoch", "validation error", box=None, padding=(0, 2))
        for job in sorted(self.jobs, key=lambda job: job.epochs == self.epoch)[:MOST_JOBS_SHOWN]:
            error = "" if job.val_error_pct is None else f"{job.val_error_pct:.2f} %"
            table.add_row(str(job.trial), f"{job.epochs or '-'} of {self.epoch}", error)
        return table


def epochs_to_come(options: Search, trials: int, rung: int) -> int:
    """How many epochs so many trials train from a rung on; at most, if the pruner does not stop a fixed share."""
    epochs, before = 0, options.rungs[rung - 1] if rung else 0
    for after in options.rungs[rung:]:
        epochs += trials * (after - before)
        trials = survivors(trials, options.keep) if options.pruner == "halving" else trials
        before = after
    return epochs


def smaller(one: float | None, other: float | None) -> float | None:
    return min((each for each in (one, other) if each is not None), default=None)
