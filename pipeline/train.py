"""train: the best configuration, for every row of the results table and every seed, on all 60,000 patterns."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Params, Row, Train
from lenet5.settings import Settings
from lenet5.training.job import Epoch, TrainingJob, TrainingResult
from lenet5.workers.choice import workers_for
from lenet5.workers.interface import History
from pipeline.files import JOB_CACHE, MODELS, TRAINING_DATA, read_best, write_text, write_yaml, writing_folder
from pipeline.finished import finished
from pipeline.live import Live
from pipeline.live_table import LiveTable
from pipeline.progress import Progress
from pipeline.tensors import write_tensors


def main(params: Params, settings: Settings) -> None:
    """Train all rows at once, a job per row and seed, and write models/ as a whole."""
    hyperparameters = read_best()
    plan = params.train
    jobs = {
        (name, seed): TrainingJob.of_row(
            row, params.distortions, hyperparameters, patterns="all", seed=seed, epochs=plan.epochs
        )
        for name, row in plan.rows.items()
        for seed in plan.seeds
    }
    names = [f"{name} seed {seed}" for name, seed in jobs]
    with Live("train", settings, params=params) as live, workers_for(settings, TRAINING_DATA, JOB_CACHE) as workers:
        todo = list(jobs.values())
        with Progress("train", workers.epochs_left(todo)) as progress:
            table = LiveTable(live, workers, jobs, hyperparameters=hyperparameters.model_dump())

            def on_epoch(position: int, history: History) -> None:
                table.epoch_done(position, history)
                progress.say(
                    f"{names[position]}: epoch {len(history)}, training error {history[-1].train_error_pct:.2f} %"
                )
                progress.advance()

            results = dict(zip(jobs, finished(names, workers.run(todo, on_epoch)), strict=True))
    with writing_folder(MODELS) as folder:
        for name, row in plan.rows.items():
            write_row(folder / name, row, plan, hyperparameters, {seed: results[name, seed] for seed in plan.seeds})


def write_row(
    folder: Path, row: Row, plan: Train, hyperparameters: Hyperparameters, results: dict[int, TrainingResult]
) -> None:
    """Write one row's networks and histories, and what they are."""
    folder.mkdir()
    description = row.model_dump(exclude={"paper"}) | {"epochs": plan.epochs, "patterns": 60_000}
    write_yaml(folder / "row.yaml", description | {"hyperparameters": hyperparameters.model_dump()})
    for seed, result in results.items():
        write_tensors(folder / f"seed-{seed}.safetensors", result.weights)
        write_text(folder / f"seed-{seed}.csv", history_csv(result.history))


def history_csv(history: Sequence[Epoch]) -> str:
    """One line per epoch; no validation error, since no pattern is set aside here."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["epoch", "learning_rate", "train_loss", "train_error_pct"])
    for number, epoch in enumerate(history, 1):
        lines.writerow([number, epoch.learning_rate, epoch.train_loss, epoch.train_error_pct])
    return text.getvalue()
