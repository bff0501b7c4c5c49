"""search: an Optuna study over the space that params.yaml declares, on validation patterns alone."""

import csv
import io
from collections.abc import Sequence

from lenet5 import study
from lenet5.errors import UserError
from lenet5.params import Hyperparameters, Params
from lenet5.settings import Settings
from lenet5.study import RungDone, Trial
from lenet5.training.job import JobFailure, TrainingJob, TrainingResult
from lenet5.workers.choice import workers_for
from pipeline.files import BEST, JOB_CACHE, TRAINING_DATA, TRIALS, write_text, write_yaml
from pipeline.progress import Progress


def main(params: Params, settings: Settings) -> None:
    """Run the study, or what is missing of it, and write its trials and the best one's hyperparameters."""
    options = params.search
    row = params.train.rows[options.row]
    study_id = study.fingerprint(options, row.model_dump_json(), params.distortions if row.distortions else None)
    total = epochs_of_a_round(options.round_size, options.rungs, options.keep) * options.trials // options.round_size
    workers = workers_for(settings, TRAINING_DATA, JOB_CACHE)
    # In the store's name also data and code: a study never goes on with another network or sampler than it began with.
    name = study.fingerprint(options, study_id, workers.cache.surroundings, study.code_digest())
    with workers, Progress("search", total) as progress:
        best = BestSoFar(progress, options.trials // options.round_size, len(options.rungs))

        def evaluate(configurations: Sequence[Hyperparameters], epochs: int) -> list[float]:
            jobs = [
                TrainingJob.of_row(
                    row,
                    params.distortions,
                    configuration,
                    patterns="train",
                    seed=options.seed,
                    epochs=options.rungs[-1],
                ).up_to(epochs)
                for configuration in configurations
            ]
            results = workers.run(jobs, lambda _position, _history: progress.advance())
            return [val_error_pct(result) for result in results]

        trials = study.run_study(options, f"{options.row}-{name}", settings.study_storage, evaluate, best.tell)
    write_results(trials, options.rungs, study_id)


def val_error_pct(result: TrainingResult | JobFailure) -> float:
    """What the study is to know of a job.

    Raises:
        UserError: it failed.
    """
    if isinstance(result, JobFailure):
        raise UserError(result.reason)
    return result.history[-1].val_error_pct


class BestSoFar:
    """Says after each rung how the study stands."""

    def __init__(self, progress: Progress, rounds: int, rungs: int) -> None:
        self.progress, self.rounds, self.rungs = progress, rounds, rungs
        self.best_pct = float("inf")

    def tell(self, done: RungDone) -> None:
        self.best_pct = min(self.best_pct, done.best_pct)
        self.progress.say(
            f"round {done.round + 1}/{self.rounds}, rung {done.rung + 1}/{self.rungs} done, "
            f"{done.going_on} trials kept, best validation error so far {self.best_pct:.2f} %"
        )


def epochs_of_a_round(trials: int, rungs: Sequence[int], keep: float) -> int:
    """How many epochs a round trains in all."""
    epochs, before = 0, 0
    for rung in rungs:
        epochs += trials * (rung - before)
        trials, before = study.survivors(trials, keep), rung
    return epochs


def write_results(trials: Sequence[Trial], rungs: Sequence[int], study_id: str) -> None:
    """Write reports/study/trials.csv and best.yaml."""
    best = study.best_trial(trials)
    write_text(TRIALS, trials_csv(trials, rungs))
    write_yaml(
        BEST,
        {
            "study": study_id,
            "trial": best.number,
            "val_error_pct": best.final_error_pct,
            "hyperparameters": best.hyperparameters.model_dump(),
        },
    )


def trials_csv(trials: Sequence[Trial], rungs: Sequence[int]) -> str:
    """One line per trial, in the order they were asked; rungs that a trial did not reach are empty."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    by_rung = [f"val_error_pct_epoch_{rung}" for rung in rungs]
    lines.writerow(["trial", "round", "state", *Hyperparameters.model_fields, "epochs", "val_error_pct", *by_rung])
    for trial in trials:
        values = trial.hyperparameters.model_dump().values()
        reached = [trial.val_error_pct.get(rung, "") for rung in rungs]
        last = max(trial.val_error_pct)
        lines.writerow([trial.number, trial.round, trial.state, *values, last, trial.final_error_pct, *reached])
    return text.getvalue()
