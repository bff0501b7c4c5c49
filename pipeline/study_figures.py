"""The figures of the study, from what the search wrote."""

import math

from lenet5.report import space
from lenet5.report.study import TrialPoint, study_history
from lenet5.report.style import png_bytes
from lenet5.report.survival import rung_survival
from pipeline.files import FRONT, IMPORTANCES, TRIALS
from pipeline.study_results import Trial, read_front, read_importances, read_trials


def draw_study() -> dict[str, bytes]:
    """The figures as PNG, by the names of their files; those that say nothing of this study are left out.

    Raises:
        UserError: a file is missing or damaged.
    """
    trials, front, shares = read_trials(TRIALS), read_front(FRONT), read_importances(IMPORTANCES)
    judged = [trial for trial in trials if trial.rungs]
    figures = {"study": study_history([trial_point(trial) for trial in trials])}
    if judged:
        epochs = sorted({epoch for trial in judged for epoch in trial.rungs})
        figures["study-rungs"] = rung_survival([trial.rungs for trial in judged], epochs)
        figures["study-importances"] = space.importances(shares, epochs[0])
        errors = [trial.rungs[epochs[0]] for trial in judged]
        figures["study-values"] = space.parallel_coordinates(differing(judged), errors, epochs[0])
    if front is not None:
        finished = [trial for trial in judged if trial.state == "COMPLETE"]
        errors = [trial.rungs[max(trial.rungs)] for trial in finished]
        figures["study-front"] = space.pareto_front([trial.multiply_adds for trial in finished], errors, front)
    return {name: png_bytes(figure) for name, figure in figures.items()}


def differing(trials: list[Trial]) -> dict[str, list[float]]:
    """The hyperparameters that are not the same in all trials."""
    columns = {name: [trial.hyperparameters[name] for trial in trials] for name in trials[0].hyperparameters}
    return {name: values for name, values in columns.items() if len(set(values)) > 1} or columns


def trial_point(trial: Trial) -> TrialPoint:
    """A trial at the last epoch at which it was judged."""
    epoch = max(trial.rungs, default=0)
    return TrialPoint(trial.number, trial.state, epoch, trial.rungs.get(epoch, math.nan))
