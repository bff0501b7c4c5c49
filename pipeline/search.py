"""search: an Optuna study over the space that params.yaml declares, on validation patterns alone."""

from collections.abc import Sequence
from functools import cache

from lenet5.hyperparameters import Hyperparameters
from lenet5.models.lenet import multiply_adds
from lenet5.models.sizes import Sizes
from lenet5.params import Params, Search
from lenet5.settings import Settings
from lenet5.study.identity import code_digest, fingerprint, study_name
from lenet5.study.outcome import Trial, best_trial, pareto_front
from lenet5.study.rounds import Event, Failure, run_study
from lenet5.training.job import JobFailure, TrainingJob, TrainingResult
from lenet5.workers.choice import workers_for
from lenet5.workers.interface import History, Workers
from pipeline.files import BEST, FRONT, IMPORTANCES, JOB_CACHE, TRAINING_DATA, TRIALS, write_text, write_yaml
from pipeline.live import Live
from pipeline.live_study import LiveStudy
from pipeline.study_tables import front_csv, importances_csv, trials_csv
from pipeline.study_view import StudyView


def main(params: Params, settings: Settings) -> None:
    """Run the study, or what is missing of it, and write what came of it.

    Raises:
        UserError: the study's store cannot be used, or no trial could be brought to its end.
    """
    options = params.search
    row = params.train.rows[options.row]
    setting = (row.model_dump_json(), params.distortions if row.distortions else None)
    workers = workers_for(settings, TRAINING_DATA, JOB_CACHE)
    # In the store's name also data and code: a study never goes on with another network or sampler than it began with.
    name = study_name(options, *setting, workers.cache.surroundings(TrainingJob.CODE), code_digest())
    with Live("search", settings, params=params) as live, workers, StudyView(options) as view:
        trainings = Trainings(params, workers, view, LiveStudy(live, workers))
        trials = run_study(options, name, settings.study_storage, trainings.errors, trainings.cost, trainings.hear)
    write_results(options, trials, fingerprint(options, *setting))


class Trainings:
    """What a study needs to know of its configurations: their validation errors, and what their networks cost."""

    def __init__(self, params: Params, workers: Workers, view: StudyView, live: LiveStudy) -> None:
        self.params, self.workers, self.view, self.live = params, workers, view, live
        self.row = params.train.rows[params.search.row]
        self.multiply_adds = cache(multiply_adds)

    def errors(self, configurations: Sequence[Hyperparameters], epochs: int) -> list[float | Failure]:
        """Train each configuration up to `epochs`: its validation error in percent then, or why there is none."""
        jobs = [self.job(configuration).up_to(epochs) for configuration in configurations]
        self.live.rung_begins(jobs)
        results = [error_or_failure(result) for result in self.workers.run(jobs, self.epoch_done)]
        self.live.rung_done(results, epochs)
        return results

    def hear(self, event: Event) -> None:
        """Where the study is, for those who watch it."""
        self.view.tell(event)
        self.live.hear(event)

    def epoch_done(self, position: int, history: History) -> None:
        """A job is one epoch further, for those who watch it."""
        self.view.epoch_done(position, history)
        self.live.epoch_done(position, history)

    def job(self, configuration: Hyperparameters) -> TrainingJob:
        return TrainingJob.of_row(
            self.row,
            self.params.distortions,
            configuration,
            patterns="train",
            seed=self.params.search.seed,
            epochs=self.params.search.rungs[-1],
        )

    def cost(self, configuration: Hyperparameters) -> int:
        """The multiply-adds of one image."""
        return self.multiply_adds(self.row.network, Sizes.among(configuration.model_dump()))


def error_or_failure(result: TrainingResult | JobFailure) -> float | Failure:
    return Failure(result.reason) if isinstance(result, JobFailure) else result.history[-1].val_error_pct


def write_results(options: Search, trials: Sequence[Trial], study_id: str) -> None:
    """Write reports/study/."""
    # Late: it loads scikit-learn, a second that the first job should not wait for.
    from lenet5.study.importances import importances

    best = best_trial(trials)
    write_text(TRIALS, trials_csv(trials, options.rungs))
    write_text(FRONT, front_csv(pareto_front(trials, options.objectives), options.objectives))
    write_text(IMPORTANCES, importances_csv(importances(options, trials)))
    write_yaml(
        BEST,
        {
            "study": study_id,
            "trial": best.number,
            "val_error_pct": best.final_error_pct,
            "hyperparameters": best.hyperparameters.model_dump(),
        },
    )
