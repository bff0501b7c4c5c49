"""The runs of the hyperparameter study."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import accumulate

from lenet5.tracking.records import Artifact, Dataset, Metric, RunRecord, Status, fingerprint
from pipeline.files import BEST, FRONT, IMPORTANCES, TRIALS
from pipeline.runs.dvc_lock import file_md5, output_tags
from pipeline.runs.notes import how_to_repeat, learnt_from, note, study_best, trial_course
from pipeline.runs.setting import TRAINING_PATTERNS, Setting, made_by, read_mapping, text, texts
from pipeline.runs.sources import figures, network_params
from pipeline.study_results import Trial, read_trials

FILES = (TRIALS, BEST, FRONT, IMPORTANCES)
ERROR = "val/error_pct"
STATUS: Mapping[str, Status] = {"COMPLETE": "FINISHED", "PRUNED": "KILLED", "FAILED": "FAILED"}


def study_runs(setting: Setting) -> Iterator[RunRecord]:
    """The study, then its trials."""
    best, trials = read_mapping(BEST, "trial", "study", "val_error_pct"), read_trials(TRIALS)
    plan = planned_study(setting)
    described = note(
        study_best(best["trial"], best["val_error_pct"]),
        learnt_from(*plan.datasets),
        how_to_repeat(setting, "search"),
    )
    study = replace(
        plan,
        key=fingerprint("study", plan.params, setting.training, *map(file_md5, FILES)),
        name=f"study {str(best['study'])[:8]}",
        status="FINISHED",
        metrics=tuple(best_so_far(trials)),
        tags={**plan.tags, "best_trial": text(best["trial"]), **described, **output_tags(*FILES)},
        artifacts=(*map(Artifact, FILES), *figures("study*")),
    )
    yield study
    yield from (trial_run(setting, trial, plan, study, is_best=trial.number == best["trial"]) for trial in trials)


def planned_study(setting: Setting) -> RunRecord:
    """What is known of a study before it begins."""
    search = setting.params.search
    course = search.model_dump(mode="json", exclude={"row", "seed", "space", "fixed"})
    space = {name: dimension.model_dump(mode="json", exclude_none=True) for name, dimension in search.space.items()}
    searched = {f"space.{name}": text(dimension) for name, dimension in space.items()}
    params = trained_alike(setting) | texts(search.fixed) | texts(course) | searched
    plan = fingerprint("study", params, setting.training)
    return RunRecord.planned(
        plan,
        name="study",
        params=params,
        tags={"kind": "study", "row": search.row, "seed": text(search.seed)} | made_by(setting, "search"),
        datasets=searched_on(setting),
    )


def planned_trial(setting: Setting, study: RunRecord, number: int, hyperparameters: Mapping[str, float]) -> RunRecord:
    """What is known of a trial when it has been asked."""
    plan = fingerprint("trial", study.plan, number)
    own = {"kind": "trial", "trial": text(number), "round": text(number // setting.params.search.round_size)}
    return RunRecord.planned(
        plan,
        name=f"trial {number:02d}",
        params=trained_alike(setting) | texts(hyperparameters),
        tags={**study.tags, **own},
        datasets=study.datasets,
        parent=study.plan,
    )


def trained_alike(setting: Setting) -> dict[str, str]:
    """The params that all trials have in common."""
    search = setting.params.search
    row = setting.params.train.rows[search.row]
    return network_params(setting.params, row) | {"seed": text(search.seed)}


def trial_run(setting: Setting, trial: Trial, plan: RunRecord, study: RunRecord, is_best: bool) -> RunRecord:
    """One trial: its hyperparameters, and the validation error at each rung that it reached."""
    planned = planned_trial(setting, plan, trial.number, trial.hyperparameters)
    described = note(trial_course(trial), learnt_from(*plan.datasets), how_to_repeat(setting, "search"))
    return replace(
        planned,
        key=fingerprint("trial", study.key, trial.number),
        status=STATUS[trial.state],
        params={**planned.params, **({"epochs": text(trial.epochs)} if trial.epochs else {})},
        metrics=tuple(trial_curve(trial.rungs)),
        tags={**planned.tags, **described, **({"best": "true"} if is_best else {})},
        parent=study.key,
    )


def trial_curve(errors: Mapping[int, float]) -> Iterator[Metric]:
    """The validation error in percent by epoch."""
    for epoch, error_pct in errors.items():
        yield Metric(ERROR, error_pct, epoch)


def best_so_far(trials: list[Trial]) -> Iterator[Metric]:
    """The lowest validation error among the trials that finished, up to each of them."""
    finished = [trial for trial in trials if trial.state == "COMPLETE" and trial.val_error_pct is not None]
    errors = accumulate((trial.val_error_pct for trial in finished if trial.val_error_pct is not None), min)
    for trial, error in zip(finished, errors, strict=True):
        yield Metric(ERROR, error, trial.number)


def searched_on(setting: Setting) -> tuple[Dataset, Dataset]:
    """What the trials of a study train on, and what they are judged by: parts of the training set."""
    aside = setting.params.prepare.validation_size
    return (
        setting.training._replace(name="MNIST training, rest", patterns=TRAINING_PATTERNS - aside),
        setting.training._replace(name="MNIST validation", patterns=aside, context="validation"),
    )
