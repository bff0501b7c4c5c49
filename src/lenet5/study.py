"""The hyperparameter study: Optuna asks and is told here, in rounds; the jobs run wherever they run.

A round of trials is asked as a whole, trained rung by rung, and told in trial order. The sampler of trial n is seeded
from (study seed, n) alone, and trials that were asked but not told are opened again after a crash. So the study does
not depend on the number of workers or on interruptions, which Optuna itself does not offer (optuna/optuna#3056).
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from lenet5.database import database_url, without_password
from lenet5.errors import UserError
from lenet5.params import CategoricalDimension, FloatDimension, Hyperparameters, IntDimension, Search
from lenet5.randomness import derived_seed

Dimension = FloatDimension | IntDimension | CategoricalDimension
Evaluate = Callable[[Sequence[Hyperparameters], int], list[float]]
"""Trains each configuration up to the given epoch; gives the validation errors in percent, in the same order."""


@dataclass(frozen=True)
class Trial:
    """One configuration and what became of it."""

    number: int
    round: int
    state: Literal["COMPLETE", "PRUNED"]
    hyperparameters: Hyperparameters
    val_error_pct: dict[int, float]
    """By rung (epochs trained), as far as the trial went."""

    @property
    def final_error_pct(self) -> float:
        """At the last rung it reached."""
        return self.val_error_pct[max(self.val_error_pct)]


@dataclass(frozen=True)
class RungDone:
    """What a progress display needs to know."""

    round: int
    rung: int
    going_on: int
    best_pct: float


def run_study(
    options: Search, name: str, storage: str, evaluate: Evaluate, tell: Callable[[RungDone], None]
) -> list[Trial]:
    """Run the study `name` in `storage`, or what is missing of it, and return its trials.

    Raises:
        UserError: the storage cannot be used, or not any more.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = open_study(name, storage)
    with blaming(storage):
        for number in range(options.trials // options.round_size):
            run_round(study, options, number, evaluate, tell)
        return [as_trial(frozen, options) for frozen in study.trials[: options.trials]]


def open_study(name: str, storage: str) -> optuna.Study:
    """Open or create the study.

    Raises:
        UserError: the storage's URL is wrong, or what it names cannot be reached or used.
    """
    # Drivers and URL parsers raise what they like.
    with blaming(storage, OSError, ImportError, RuntimeError, ValueError):
        url = make_url(storage)
        if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        return optuna.create_study(
            study_name=name, storage=database_url(storage), direction="minimize", load_if_exists=True
        )


@contextmanager
def blaming(storage: str, *also: type[Exception]) -> Iterator[None]:
    """Make one line that names the setting of whatever the store's libraries raise, or of `also`."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, (SQLAlchemyError, optuna.exceptions.OptunaError, *also)):
            raise
        cause: BaseException = error
        while cause.__cause__:
            cause = cause.__cause__
        reason = " ".join(str(cause).split())[:200]
        raise UserError(
            f"OPTUNA_STORAGE: {without_password(storage)} cannot be used as the study's store: {reason}"
        ) from error


def run_round(
    study: optuna.Study, options: Search, number: int, evaluate: Evaluate, tell: Callable[[RungDone], None]
) -> None:
    """Ask, train by rungs, and tell one round. After a crash it repeats what it did and adds what is missing."""
    numbers = range(number * options.round_size, (number + 1) * options.round_size)
    if all(frozen.state.is_finished() for frozen in study.trials[numbers.start : numbers.stop]) and (
        len(study.trials) >= numbers.stop
    ):
        return
    going_on = [open_trial(study, options, trial_number) for trial_number in numbers]
    for rung, epochs in enumerate(options.rungs):
        errors = evaluate([Hyperparameters(**trial.params) for trial in going_on], epochs)
        for trial, error_pct in zip(going_on, errors, strict=True):
            report(trial, error_pct, epochs)
        last = rung == len(options.rungs) - 1
        kept = going_on if last else best_of(going_on, errors, options.keep)
        for trial, error_pct in zip(going_on, errors, strict=True):
            if last or trial not in kept:
                finish(study, trial, error_pct, pruned=not last)
        going_on = kept
        tell(RungDone(number, rung, len(going_on), min(errors)))


def open_trial(study: optuna.Study, options: Search, number: int) -> optuna.Trial:
    """Ask for trial `number`, or open it again if it was asked before; its parameters are the same either way."""
    study.sampler = sampler(options, number)
    known = study.get_trials(deepcopy=False)
    trial = optuna.Trial(study, known[number]._trial_id) if number < len(known) else study.ask()
    for position, (name, dimension) in enumerate(options.space.items()):
        if name in trial.params:
            continue
        if name not in trial.relative_params:
            # Drawn by itself, with a seed of its own: it must not matter what was drawn before a crash.
            study.sampler = sampler(options, number, position)
        trial._suggest(name, distribution(dimension))
    return trial


def sampler(options: Search, *parts: int) -> optuna.samplers.BaseSampler:
    """TPE, seeded from (study seed, trial, parameter), with every option that matters said: Optuna 5.0 changed the
    defaults (optuna/optuna#6746)."""
    return optuna.samplers.TPESampler(
        n_startup_trials=options.startup_trials,
        n_ei_candidates=24,
        multivariate=True,
        group=False,
        constant_liar=True,
        seed=derived_seed("trial", options.seed, *parts) % 2**32,
    )


def distribution(dimension: Dimension) -> BaseDistribution:
    """The Optuna form of a dimension of params.yaml."""
    if isinstance(dimension, CategoricalDimension):
        return CategoricalDistribution(dimension.choices)
    if isinstance(dimension, IntDimension):
        return IntDistribution(dimension.low, dimension.high, log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def best_of(trials: list[optuna.Trial], errors: list[float], keep: float) -> list[optuna.Trial]:
    """The share `keep` with the smallest errors, in trial order; the earlier trial wins a tie.

    Decided from the errors alone, unlike Optuna's own successive halving, which stores its progress in the study and
    so decides differently when a crash makes it look twice.
    """
    ranked = sorted(zip(errors, range(len(trials)), strict=True))
    chosen = sorted(position for _, position in ranked[: survivors(len(trials), keep)])
    return [trials[position] for position in chosen]


def survivors(trials: int, keep: float) -> int:
    """How many of so many trials go on after a rung: the share `keep`, rounded up."""
    return math.ceil(trials * keep)


def report(trial: optuna.Trial, error_pct: float, epochs: int) -> None:
    """Report a rung, unless that was done before a crash."""
    frozen = trial.study._storage.get_trial(trial._trial_id)
    if not frozen.state.is_finished() and epochs not in frozen.intermediate_values:
        trial.report(error_pct, epochs)


def finish(study: optuna.Study, trial: optuna.Trial, error_pct: float, pruned: bool) -> None:
    """Tell the end of a trial, unless that was done before a crash."""
    value, state = (None, TrialState.PRUNED) if pruned else (error_pct, TrialState.COMPLETE)
    study.tell(trial, value, state, skip_if_finished=True)


def as_trial(frozen: FrozenTrial, options: Search) -> Trial:
    """Optuna's record as ours."""
    return Trial(
        number=frozen.number,
        round=frozen.number // options.round_size,
        state="COMPLETE" if frozen.state == TrialState.COMPLETE else "PRUNED",
        hyperparameters=Hyperparameters(**frozen.params),
        val_error_pct=dict(sorted(frozen.intermediate_values.items())),
    )


def best_trial(trials: Sequence[Trial]) -> Trial:
    """The complete trial with the smallest error; the earlier one wins a tie."""
    return min(
        (each for each in trials if each.state == "COMPLETE"), key=lambda each: (each.final_error_pct, each.number)
    )


def fingerprint(options: Search, *context: Any) -> str:
    """What identifies a study: all that its trials depend on. More trials of the same study are the same study."""
    text = "\n".join([options.model_dump_json(exclude={"trials"}), *map(str, context)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def code_digest() -> str:
    """A hash of what draws and judges the trials: this file, and the libraries that it draws with."""
    versions = " ".join(version(library) for library in ("optuna", "numpy", "scipy"))
    return hashlib.sha256(Path(__file__).read_bytes() + versions.encode()).hexdigest()
