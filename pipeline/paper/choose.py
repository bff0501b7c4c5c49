"""choose: what the paper leaves open, tried one question at a time, and chosen on validation patterns alone."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from torch import Tensor

from lenet5.models.one_thread import Weights
from lenet5.params import Params
from lenet5.sdlm.conventions import Conventions
from lenet5.sdlm.job import PaperJob
from lenet5.sdlm.params import PaperParams
from lenet5.sdlm.start import parameter_name
from lenet5.settings import Settings
from lenet5.training.job import TrainingResult
from lenet5.workers.choice import workers_for
from pipeline.files import JOB_CACHE, TRAINING_DATA, write_text, write_yaml
from pipeline.paper.files import CHOICES, CHOSEN, RATES
from pipeline.paper.jobs import run_jobs

COLUMNS = (
    "question", "choice", "stated", "seed", "passes", "val_error_pct", "train_error_pct", "lowest_rate", "highest_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """One set of conventions: the first guess (no question), or with one answer changed."""

    question: str
    choice: str
    stated: bool
    conventions: Conventions


def main(_params: Params, paper: PaperParams, settings: Settings) -> None:
    """Train every candidate with every seed on the 55,000 patterns, and write what came of it.

    Raises:
        UserError: a training failed.
    """
    candidates = candidates_of(paper)
    jobs = {
        f"{candidate.choice} seed {seed}": job_of(candidate.conventions, paper, seed)
        for candidate in candidates
        for seed in paper.choose.seeds
    }
    with workers_for(settings, TRAINING_DATA, JOB_CACHE) as workers:
        results = run_jobs("choose", jobs, workers)
    by_candidate = {
        candidate.choice: {seed: results[f"{candidate.choice} seed {seed}"] for seed in paper.choose.seeds}
        for candidate in candidates
    }
    best = chosen(candidates, by_candidate)
    write_text(CHOICES, choices_csv(candidates, by_candidate))
    write_text(RATES, rates_csv(candidates, by_candidate))
    write_yaml(
        CHOSEN,
        {
            "choice": best.choice,
            "val_error_pct": mean_error_pct(by_candidate[best.choice]),
            "conventions": best.conventions.model_dump(),
        },
    )
    print(f"chosen: {best.choice}, {mean_error_pct(by_candidate[best.choice]):.2f} % of the validation patterns wrong")


def candidates_of(paper: PaperParams) -> list[Candidate]:
    """The first guess, and it with each of the alternatives."""
    alternatives = [
        Candidate(each.question, ", ".join(f"{name} {value}" for name, value in each.change.items()), each.stated,
                  each.applied_to(paper.conventions))
        for each in paper.choose.alternatives
    ]  # fmt: skip
    return [Candidate("", "first guess", False, paper.conventions), *alternatives]


def job_of(conventions: Conventions, paper: PaperParams, seed: int) -> PaperJob:
    return PaperJob(
        conventions=conventions,
        schedule=paper.schedule,
        patterns="train",
        size=None,
        distortions=None,
        versions=1,
        seed=seed,
        stop_after=len(paper.schedule.rates),
    )


def chosen(candidates: Sequence[Candidate], results: Mapping[str, Mapping[int, TrainingResult]]) -> Candidate:
    """The candidate of the lowest mean validation error, the earlier of equals; none that the paper contradicts."""
    open_ones = [candidate for candidate in candidates if not candidate.stated]
    return min(open_ones, key=lambda candidate: mean_error_pct(results[candidate.choice]))


def mean_error_pct(results: Mapping[int, TrainingResult]) -> float:
    """The validation error after the last pass, mean over the seeds, to what 5,000 patterns can tell."""
    return round(fmean(result.history[-1].val_error_pct for result in results.values()), 4)


def choices_csv(candidates: Sequence[Candidate], results: Mapping[str, Mapping[int, TrainingResult]]) -> str:
    """One line per training; the rates are those of its first pass, for which the paper tells a range."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for each in candidates:
        for seed, result in results[each.choice].items():
            last, (lowest, highest) = result.history[-1], ends_of_rates(result.trace["rates"][0])
            errors = [f"{last.val_error_pct:.4f}", f"{last.train_error_pct:.4f}"]
            ends = [f"{lowest:.4g}", f"{highest:.4g}"]
            lines.writerow([each.question, each.choice, each.stated, seed, result.epochs, *errors, *ends])
    return text.getvalue()


def ends_of_rates(rates: Tensor) -> tuple[float, float]:
    """The lowest and the highest of `rates` [parameters, 2]."""
    return float(rates[:, 0].min()), float(rates[:, 1].max())


def rates_csv(candidates: Sequence[Candidate], results: Mapping[str, Mapping[int, TrainingResult]]) -> str:
    """The lowest and highest rate of each parameter in the first pass, for every training."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("choice", "seed", "parameter", "lowest_rate", "highest_rate"))
    for each in candidates:
        for seed, result in results[each.choice].items():
            for field, ends in zip(Weights._fields, result.trace["rates"][0].tolist(), strict=True):
                lines.writerow([each.choice, seed, parameter_name(field), *(f"{rate:.4g}" for rate in ends)])
    return text.getvalue()
