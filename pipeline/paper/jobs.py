"""Runs the jobs of the 1998 experiment, and shows how far they are."""

from collections.abc import Mapping

from lenet5.sdlm.job import PaperJob
from lenet5.training.job import TrainingResult
from lenet5.workers.interface import History, OnEpoch, Workers
from pipeline.finished import finished
from pipeline.progress import Progress


def run_jobs(
    stage: str, jobs: Mapping[str, PaperJob], workers: Workers, pass_done: OnEpoch = lambda *_: None
) -> dict[str, TrainingResult]:
    """The results of `jobs`, by the names that they have for a person; `pass_done` is told as well of every pass.

    Raises:
        UserError: a training failed; the line says which one and why.
    """
    names, todo = list(jobs), list(jobs.values())
    with Progress(stage, workers.epochs_left(todo)) as progress:

        def on_epoch(position: int, history: History) -> None:
            pass_done(position, history)
            error_pct = history[-1].train_error_pct
            progress.say(f"{names[position]}: pass {len(history)}, training error {error_pct:.2f} %")
            progress.advance()

        return dict(zip(names, finished(names, workers.run(todo, on_epoch)), strict=True))
