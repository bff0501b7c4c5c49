"""train: every row of the 1998 table with every seed, by the chosen conventions."""

import csv
import io

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.errors import UserError
from lenet5.params import Distortions, Params
from lenet5.sdlm.conventions import Conventions
from lenet5.sdlm.job import PaperJob
from lenet5.sdlm.params import PaperParams, PaperRow
from lenet5.settings import Settings
from lenet5.training.job import TrainingResult
from lenet5.workers.choice import workers_for
from pipeline.files import JOB_CACHE, TRAINING_DATA, write_text, writing_folder
from pipeline.live import TRACKED_1998, Live
from pipeline.live_table import LiveTable
from pipeline.paper.files import CHOSEN, MODELS
from pipeline.paper.jobs import run_jobs
from pipeline.tensors import write_tensors

COLUMNS = ("pass", "eta", "train_loss", "train_error_pct", "lowest_rate", "highest_rate")


def main(params: Params, paper: PaperParams, settings: Settings) -> None:
    """Train all rows at once, a job per row and seed, and write models-1998/ as a whole.

    Raises:
        UserError: what was chosen cannot be read, or a training failed.
    """
    conventions = read_chosen()
    plan = paper.train
    jobs = {
        (name, seed): job_of(row, params.distortions, conventions, paper, seed)
        for name, row in plan.rows.items()
        for seed in plan.seeds
    }
    with (
        Live("train", settings, "pipeline.paper.live", TRACKED_1998, params=params, paper=paper) as live,
        workers_for(settings, TRAINING_DATA, JOB_CACHE) as workers,
    ):
        named = {f"{name} seed {seed}": job for (name, seed), job in jobs.items()}
        results = run_jobs("train", named, workers, LiveTable(live, workers, jobs).epoch_done)
    with writing_folder(MODELS) as folder:
        for name in plan.rows:
            (folder / name).mkdir()
            for seed in plan.seeds:
                result = results[f"{name} seed {seed}"]
                weights = {parameter: result.trace[parameter] for parameter in result.weights}
                write_tensors(folder / name / f"seed-{seed}.safetensors", weights)
                write_text(folder / name / f"seed-{seed}.csv", history_csv(result))


def read_chosen() -> Conventions:
    """The conventions that `choose` chose.

    Raises:
        UserError: the file is missing or not what `choose` writes.
    """
    try:
        content = YAML(typ="safe").load(CHOSEN.read_text(encoding="utf-8"))
        return Conventions.model_validate(content["conventions"])
    except FileNotFoundError as error:
        raise UserError(f"{CHOSEN}: is missing; `make paper` makes it") from error
    except (YAMLError, UnicodeDecodeError, TypeError, KeyError, ValidationError) as error:
        raise UserError(f"{CHOSEN}: is not what choose writes; remove it, and `make paper` makes it anew") from error


def job_of(row: PaperRow, ranges: Distortions, conventions: Conventions, paper: PaperParams, seed: int) -> PaperJob:
    """The whole training of a row's network with one seed."""
    return PaperJob(
        conventions=conventions,
        schedule=paper.schedule,
        patterns="all",
        size=row.size,
        distortions=ranges if row.distortions else None,
        versions=paper.train.versions,
        seed=seed,
        stop_after=len(paper.schedule.rates),
    )


def history_csv(result: TrainingResult) -> str:
    """One line per pass."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for number, (each, rates) in enumerate(zip(result.history, result.trace["rates"].tolist(), strict=True), 1):
        lows, highs = zip(*rates, strict=True)
        ends = [f"{min(lows):.6g}", f"{max(highs):.6g}"]
        lines.writerow([number, each.learning_rate, each.train_loss, each.train_error_pct, *ends])
    return text.getvalue()
