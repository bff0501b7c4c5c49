"""The runs of the hyperparameter study."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from lenet5.tracking.records import Artifact, Metric, RunRecord, Status, fingerprint
from pipeline.files import BEST, TRIALS
from pipeline.results import Trial, read_trials
from pipeline.runs.dvc_lock import file_md5, output_tags
from pipeline.runs.sources import Sources, figures, made_by, network_params, read_mapping, text, texts

STATUS: Mapping[str, Status] = {"COMPLETE": "FINISHED", "PRUNED": "KILLED", "FAIL": "FAILED"}


def study_runs(sources: Sources) -> Iterator[RunRecord]:
    """The study, then its trials."""
    search = sources.params.search
    best, trials = read_mapping(BEST, "trial", "study"), read_trials(TRIALS)
    setting = network_params(sources.params, sources.params.train.rows[search.row]) | {"seed": text(search.seed)}
    budget = search.model_dump(mode="json", include={"trials", "round_size", "rungs", "keep", "startup_trials"})
    space = {name: dimension.model_dump(mode="json") for name, dimension in search.space.items()}
    params = setting | texts(budget) | {f"space.{name}": text(dimension) for name, dimension in space.items()}
    tags = {"kind": "study", "row": search.row, "best_trial": text(best["trial"])} | made_by(sources, "search")
    study = RunRecord(
        key=fingerprint("study", params, sources.training, file_md5(TRIALS), file_md5(BEST)),
        name=f"study {str(best['study'])[:8]}",
        status="FINISHED",
        params=params,
        metrics=tuple(best_so_far(trials)),
        tags=tags | output_tags(TRIALS, BEST),
        artifacts=(Artifact(TRIALS), Artifact(BEST), *figures("study")),
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
