"""The runs of the hyperparameter study."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from lenet5.tracking.records import Artifact, Metric, RunRecord, Status, fingerprint
from pipeline.files import BEST, FRONT, IMPORTANCES, TRIALS
from pipeline.runs.dvc_lock import file_md5, output_tags
from pipeline.runs.sources import Sources, figures, made_by, network_params, read_mapping, text, texts
from pipeline.study_results import Trial, read_trials

FILES = (TRIALS, BEST, FRONT, IMPORTANCES)
STATUS: Mapping[str, Status] = {"COMPLETE": "FINISHED", "PRUNED": "KILLED", "FAILED": "FAILED"}


def study_runs(sources: Sources) -> Iterator[RunRecord]:
    """The study, then its trials."""
    search = sources.params.search
    best, trials = read_mapping(BEST, "trial", "study"), read_trials(TRIALS)
    setting = network_params(sources.params, sources.params.train.rows[search.row]) | {"seed": text(search.seed)}
    course = search.model_dump(mode="json", exclude={"row", "seed", "space", "fixed"})
    space = {name: dimension.model_dump(mode="json", exclude_none=True) for name, dimension in search.space.items()}
    searched = {f"space.{name}": text(dimension) for name, dimension in space.items()}
    params = setting | texts(search.fixed) | texts(course) | searched
    tags = {"kind": "study", "row": search.row, "best_trial": text(best["trial"])} | made_by(sources, "search")
    study = RunRecord(
        key=fingerprint("study", params, sources.training, *map(file_md5, FILES)),
        name=f"study {str(best['study'])[:8]}",
        status="FINISHED",
        params=params,
        metrics=tuple(best_so_far(trials)),
        tags=tags | output_tags(*FILES),
        artifacts=(*map(Artifact, FILES), *figures("study*")),
        datasets=(sources.training,),
    )
    yield study
    yield from (trial_run(trial, study, setting, is_best=trial.number == best["trial"]) for trial in trials)


def trial_run(trial: Trial, study: RunRecord, setting: dict[str, str], is_best: bool) -> RunRecord:
    """One trial: its hyperparameters, and the validation error at each rung that it reached."""
    epochs = {"epochs": text(trial.epochs)} if trial.epochs else {}
    tags = {name: study.tags[name] for name in ("row", "mlflow.source.name")}
    tags |= {"kind": "trial", "trial": text(trial.number), "round": text(trial.round)}
    return RunRecord(
        key=fingerprint("trial", study.key, trial.number),
        name=f"trial {trial.number:02d}",
        status=STATUS[trial.state],
        params=setting | texts(trial.hyperparameters) | epochs,
        metrics=tuple(Metric("val/error_pct", error, epoch) for epoch, error in trial.rungs.items()),
        tags=tags | ({"best": "true"} if is_best else {}),
        datasets=study.datasets,
        parent=study.key,
    )


def best_so_far(trials: list[Trial]) -> Iterator[Metric]:
    """The lowest validation error among the trials that finished, up to each of them."""
    finished = [trial for trial in trials if trial.state == "COMPLETE" and trial.val_error_pct is not None]
    errors = accumulate((trial.val_error_pct for trial in finished if trial.val_error_pct is not None), min)
    for trial, error in zip(finished, errors, strict=True):
        yield Metric("val/error_pct", error, trial.number)
