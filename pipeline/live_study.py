"""What the search stage tells of its trials, to whoever shows them live."""

from collections.abc import Sequence

from lenet5.hyperparameters import Hyperparameters
from lenet5.study.rounds import Event, Failure, RungStarted, StudyOpened
from lenet5.training.job import Epoch, TrainingJob
from lenet5.workers.interface import Workers
from pipeline.live import Live, known_epochs


class LiveStudy:
    """Tells of the trials of a study, rung by rung."""

    def __init__(self, live: Live, workers: Workers) -> None:
        self.live, self.workers = live, workers
        self.best_pct: float | None = None
        self.numbers: tuple[int, ...] = ()
        self.configurations: Sequence[Hyperparameters] = ()

    def hear(self, event: Event) -> None:
        """Take in which trials are to be trained next."""
        if isinstance(event, StudyOpened):
            self.best_pct = event.best_pct
        elif isinstance(event, RungStarted):
            self.numbers = event.trials

    def rung_begins(self, jobs: Sequence[TrainingJob]) -> None:
        """These jobs are the trainings of the rung's trials. Nothing is told before one has to be trained indeed."""
        if not self.live.is_on:
            return
        known = known_epochs(self.workers, jobs)
        if self.live.process is None and all(len(each) == jobs[0].stop_after for each in known):
            return
        self.configurations = [job.hyperparameters for job in jobs]
        self.live.tell("rung", trials=self.numbers, best_pct=self.best_pct)
        for position, history in enumerate(known):
            self.epoch_done(position, history)

    def epoch_done(self, position: int, history: Sequence[Epoch]) -> None:
        """The trial at this position of the rung has come so far."""
        if not self.live.is_on:
            return
        chosen = self.configurations[position].model_dump()
        errors = [epoch.val_error_pct for epoch in history]
        self.live.tell("trial", number=self.numbers[position], hyperparameters=chosen, errors=errors)

    def rung_done(self, results: Sequence[float | Failure], epochs: int) -> None:
        """Each trial has this error after so many epochs, or has failed."""
        if self.live.process is None:
            return
        errors = [None if isinstance(result, Failure) else result for result in results]
        self.live.tell("results", trials=self.numbers, errors=errors, epochs=epochs)
