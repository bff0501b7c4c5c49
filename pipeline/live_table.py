"""What a train stage tells of its networks, to whoever shows them live."""

from collections.abc import Mapping, Sequence
from typing import Any

from lenet5.training.job import Epoch, Job
from lenet5.workers.interface import Workers
from pipeline.live import Live, known_epochs


class LiveTable:
    """Tells of the networks of a results table, each known by its row and seed."""

    def __init__(self, live: Live, workers: Workers, jobs: Mapping[tuple[str, int], Job], **shared: Any) -> None:
        """Tell of those of `jobs` that are to be trained, and how far each has come already; of all, what is shared."""
        self.live, self.jobs, self.shared = live, list(jobs.items()), shared
        known = known_epochs(workers, list(jobs.values())) if live.is_on else []
        for position, history in enumerate(known):
            if len(history) < self.jobs[position][1].stop_after:
                self.epoch_done(position, history)

    def epoch_done(self, position: int, history: Sequence[Epoch]) -> None:
        """The job at this position has come so far."""
        (row, seed), job = self.jobs[position]
        curves = [(epoch.learning_rate, epoch.train_loss, epoch.train_error_pct) for epoch in history]
        self.live.tell("training", row=row, seed=seed, epochs=job.stop_after, curves=curves, **self.shared)
