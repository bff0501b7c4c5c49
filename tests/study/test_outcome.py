"""The best trial, the Pareto front, the importances, and what a study is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.storages import InMemoryStorage

from lenet5.dimensions import FloatDimension
from lenet5.study.identity import fingerprint, space_hash, study_name
from lenet5.study.importances import importances
from lenet5.study.outcome import Trial, best_trial, pareto_front
from tests.made_study import CONDITIONAL, OPTIONS, changed
from tests.study.stopping import trials_in
from tests.training.made_data import CHOSEN

TWO = ("val_error_pct", "multiply_adds")


def finished(*pairs: tuple[float, int]) -> list[Trial]:
    return [Trial(number, 0, {}, CHOSEN, cost, "COMPLETE", {4: error}) for number, (error, cost) in enumerate(pairs)]


def test_the_best_trial_has_the_smallest_error_then_costs_least_then_is_the_earliest() -> None:
    assert best_trial(finished((2.0, 1), (1.0, 3), (1.0, 2), (1.0, 2))).number == 2
    stopped = Trial(4, 0, {}, CHOSEN, 1, "PRUNED", {1: 0.5})
    assert best_trial([*finished((2.0, 1)), stopped]).number == 0


def test_the_front_of_one_objective_is_the_best_trial() -> None:
    trials = finished((2.0, 1), (1.0, 3))
    assert pareto_front(trials, TWO[:1]) == [best_trial(trials)]


@given(st.lists(st.tuples(st.integers(0, 6).map(float), st.integers(0, 6)), min_size=1, max_size=15))
def test_the_front_is_what_no_trial_beats(pairs: list[tuple[float, int]]) -> None:
    trials = finished(*pairs)
    front = [(trial.final_error_pct, trial.multiply_adds) for trial in pareto_front(trials, TWO)]
    unbeaten = {one for one in pairs if not any(a <= one[0] and b <= one[1] and (a, b) != one for a, b in pairs)}
    assert front == sorted(unbeaten)
    assert best_trial(trials) == pareto_front(trials, TWO)[0]


def test_importances_are_those_of_what_the_error_depends_on() -> None:
    options = changed(OPTIONS, sampler="random", trials=40)
    trials = trials_in(InMemoryStorage(), options, lambda jobs, _: [100 * job.momentum + job.j / 100 for job in jobs])
    shares = importances(options, trials)
    assert shares.keys() == options.space.keys()
    assert max(shares, key=lambda name: shares[name]) == next(iter(shares)) == "momentum"
    assert shares["momentum"] > 0.8
    assert shares["energy_scale"] == 0
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    assert importances(options, trials) == shares


def test_importances_of_a_conditional_space_count_the_defaults() -> None:
    shares = importances(CONDITIONAL, trials_in(InMemoryStorage(), changed(CONDITIONAL, trials=16, sampler="random")))
    assert shares.keys() == CONDITIONAL.space.keys()
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("trials", [[], finished((1.0, 1)), finished((1.0, 1), (1.0, 1))])
def test_importances_that_nothing_tells_are_zero(trials: list[Trial]) -> None:
    assert set(importances(changed(OPTIONS, rungs=(4,)), trials).values()) == {0.0}


def test_a_study_is_named_after_all_that_its_trials_depend_on() -> None:
    changes: dict[str, object] = {
        "seed": 1, "round_size": 8, "rungs": (1, 2), "keep": 0.4, "startup_trials": 2, "sampler": "gp",
        "pruner": "none", "objectives": TWO, "enqueue": ({"j": 1.0},),
        "space": {**OPTIONS.space, "j": FloatDimension(type="float", low=0.5, high=20.0)},
    }  # fmt: skip
    others = [OPTIONS.model_copy(update={name: value}) for name, value in changes.items()]
    names = {fingerprint(options) for options in [OPTIONS, *others]} | {fingerprint(OPTIONS, "other data")}
    assert len(names) == len(changes) + 2
    assert fingerprint(OPTIONS.model_copy(update={"trials": 40})) == fingerprint(OPTIONS)


def test_the_name_has_the_hash_of_the_space() -> None:
    other = OPTIONS.model_copy(update={"space": CONDITIONAL.space, "fixed": CONDITIONAL.fixed})
    assert space_hash(other) == space_hash(CONDITIONAL) != space_hash(OPTIONS)
    assert study_name(OPTIONS, "data").split("-") == ["lenet5", space_hash(OPTIONS), fingerprint(OPTIONS, "data")]
    assert space_hash(OPTIONS) == space_hash(changed(OPTIONS, seed=7, trials=40))
