"""What to try next: Optuna's samplers, made to depend on (study seed, trial number, told results) alone.

The sampler works on a copy of the study in memory. A trial is drawn there in one go, before the store hears of it: a
crash amid its draws leaves no half-drawn trial behind that could be completed otherwise.
"""

import warnings
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, GPSampler, QMCSampler, RandomSampler, TPESampler
from optuna.storages import InMemoryStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from lenet5.params import Search
from lenet5.randomness import derived_seed
from lenet5.study.space import directions, distributions, draw


class Notepad(InMemoryStorage):
    """Keeps a study in memory, without the notes that samplers make on open trials for other processes to see.

    Here no other process asks; and after a restart the notes would be gone, and with them the same draws.
    """

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        pass


class NumberedQmc(QMCSampler):
    """Point n of the sequence for trial n, over the whole space from the first trial on.

    Optuna's own counts in the study what it has drawn, so that a crash skips a point, and draws the first trial at
    random.
    """

    def __init__(self, number: int, space: dict[str, BaseDistribution], seed: int) -> None:
        super().__init__(
            qmc_type="sobol",
            scramble=True,
            seed=seed,
            independent_sampler=RandomSampler(seed=seed),
            warn_asynchronous_seeding=False,
            warn_independent_sampling=False,
        )
        self.number, self.space = number, space

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self.space

    def _find_sample_id(self, study: Study, search_space: dict[str, BaseDistribution]) -> int:
        return self.number


class WholeSpaceTpe(TPESampler):
    """Knows a space without conditions beforehand. Optuna's own goes through all trials for it, at each draw."""

    space: dict[str, BaseDistribution] | None = None

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return super().infer_relative_search_space(study, trial) if self.space is None else self.space


def searched_space(options: Search) -> dict[str, BaseDistribution]:
    """The dimensions that have more than one value, by name, as Optuna has them."""
    return {name: each for name, each in sorted(distributions(options).items()) if not each.single()}


def sampler(options: Search, number: int) -> BaseSampler:
    """The sampler of one trial. Every option that is not deprecated is said: Optuna 5.0 changed defaults
    (optuna/optuna#6746)."""
    seed = derived_seed("trial", options.seed, number) % 2**32
    if options.sampler == "random":
        return RandomSampler(seed=seed)
    if options.sampler == "qmc":
        return NumberedQmc(number, searched_space(options), seed=derived_seed("sequence", options.seed) % 2**32)
    if options.sampler == "gp":
        return GPSampler(
            seed=seed,
            independent_sampler=RandomSampler(seed=seed),
            n_startup_trials=options.startup_trials,
            deterministic_objective=False,
            warn_independent_sampling=False,
        )
    return tpe(options, seed)


def tpe(options: Search, seed: int) -> TPESampler:
    """TPE as Optuna has it for one and for two objectives; in groups, a space with conditions is modelled together."""
    single = len(options.objectives) == 1
    conditional = any(dimension.when for dimension in options.space.values())
    sampler = WholeSpaceTpe(
        n_startup_trials=options.startup_trials,
        n_ei_candidates=24,
        multivariate=single,
        group=single and conditional,
        constant_liar=True,
        seed=seed,
    )
    if single and not conditional:
        sampler.space = searched_space(options)
    return sampler


class Proposals:
    """The study as the sampler sees it: all trials asked so far, those told with what they gave."""

    def __init__(self, options: Search, known: Iterable[FrozenTrial]) -> None:
        self.options = options
        self.storage = Notepad()
        self.study = optuna.create_study(storage=self.storage, directions=directions(options.objectives))
        self.study_id = self.storage.get_study_id_from_name(self.study.study_name)
        for frozen in map(copy, known):
            if len(options.objectives) > 1:
                frozen.intermediate_values = {}  # the samplers know no reports of more than one value
            self.study.add_trial(frozen)

    def ask(self, number: int) -> dict[str, Any]:
        """Draw trial `number`, the next one: the point that params.yaml wants tried, or what the sampler proposes."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self.study.sampler = sampler(self.options, number)
        if number < len(self.options.enqueue):
            self.study.enqueue_trial(self.options.enqueue[number])
        trial = self.study.ask()
        assert trial.number == number
        return draw(trial, self.options)

    def report(self, number: int, error_pct: float, epochs: int) -> None:
        """Tell how good a trial is after so many epochs."""
        if len(self.options.objectives) == 1:
            trial_id = self.storage.get_trial_id_from_study_id_trial_number(self.study_id, number)
            self.storage.set_trial_intermediate_value(trial_id, epochs, error_pct)

    def tell(self, number: int, state: TrialState, values: Sequence[float] | None) -> None:
        """Tell how a trial ended."""
        self.study.tell(number, values, state)
