"""Whatever the sampler and the pruner: the same study, however it was stopped, extended, or which space it has."""

import json
from itertools import product
from typing import Any

import pytest
from optuna.storages import InMemoryStorage
from scipy.stats import qmc

from lenet5.params import Search
from lenet5.randomness import derived_seed
from tests.made_study import CONDITIONAL, OPTIONS, Counting, changed, error_of, failing
from tests.study.stopping import StoppingStorage, trials_in

SAMPLERS = ("tpe", "random", "qmc", "gp")
PRUNERS = ("halving", "median", "none")
TWO = ("val_error_pct", "multiply_adds")
LITTLE = {"trials": 4, "round_size": 2, "rungs": (1, 2), "startup_trials": 1}


def options_of(sampler: str, pruner: str) -> Search:
    """A study in which the sampler models something; every other one has conditions, every third two objectives."""
    position = SAMPLERS.index(sampler) + PRUNERS.index(pruner)
    objectives = TWO if position % 3 == 1 else TWO[:1]
    space = CONDITIONAL if position % 2 else OPTIONS
    return changed(space, **LITTLE, sampler=sampler, pruner=pruner, objectives=objectives)


@pytest.mark.parametrize(("sampler", "pruner"), product(SAMPLERS, PRUNERS))
def test_stopped_before_every_write_and_extended_it_is_the_same_study(sampler: str, pruner: str) -> None:
    options, some_fail = options_of(sampler, pruner), failing(2, share=0.2)
    expected = trials_in(InMemoryStorage(), options, some_fail)
    first, storage = changed(options, trials=2), StoppingStorage()
    assert trials_in(storage, first, some_fail) == expected[:2]
    counting = Counting(evaluate=some_fail)
    assert trials_in(storage, options, counting) == expected
    added = [trial.hyperparameters for trial in expected[2:]]
    assert all(configuration in added for configurations, _ in counting.calls for configuration in configurations)
    assert trials_in(storage, first, Counting(stop_at=0)) == expected[:2]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_trials_differ_from_each_other_and_with_the_seed(sampler: str) -> None:
    options = changed(OPTIONS, sampler=sampler, pruner="none", startup_trials=2)
    other = changed(options, seed=7, trials=4)
    trials = trials_in(InMemoryStorage(), options) + trials_in(InMemoryStorage(), other)
    assert len({json.dumps(trial.drawn) for trial in trials}) == 12


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_told_results_steer_what_is_tried_next(sampler: str) -> None:
    options = changed(OPTIONS, sampler=sampler, pruner="none", startup_trials=2)
    one = trials_in(InMemoryStorage(), options)
    other = trials_in(InMemoryStorage(), options, lambda jobs, epochs: [99 - error_of(job, epochs) for job in jobs])
    assert [trial.drawn for trial in one[:4]] == [trial.drawn for trial in other[:4]]
    assert [trial.drawn for trial in one[4:]] != [trial.drawn for trial in other[4:]]


def test_qmc_takes_point_n_of_a_scrambled_sobol_sequence() -> None:
    trials = trials_in(InMemoryStorage(), changed(OPTIONS, sampler="qmc"))
    # energy_scale has one value and takes no part.
    points = qmc.Sobol(5, scramble=True, seed=derived_seed("sequence", OPTIONS.seed) % 2**32).random(8)
    found = [(trial.drawn["momentum"] - 0.8) / 0.17 for trial in trials]
    assert any(found == pytest.approx(column.tolist()) for column in points.T)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_dimension_is_drawn_only_when_its_condition_holds(sampler: str) -> None:
    options = changed(CONDITIONAL, sampler=sampler, pruner="none", trials=16, startup_trials=12)
    trials = trials_in(InMemoryStorage(), options)
    for trial in trials:
        drawn, chosen = trial.drawn, trial.hyperparameters
        assert ("momentum" in drawn) == (chosen.batch_size == 64)
        assert chosen.momentum == drawn.get("momentum", 0.97)
        assert ("c1_maps" in drawn) == (chosen.momentum in (0.8, 0.9))
        assert chosen.c1_maps == drawn.get("c1_maps", 6)
        assert (chosen.c1_maps % 2, chosen.j % 0.5) == (0, 0)
        assert (chosen.weight_decay, chosen.energy_scale, chosen.f6_units) == (1e-5, 0.05, 84)
    assert len({len(trial.drawn) for trial in trials}) == 3


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_points_to_try_first_are_tried_first_and_completed_by_the_sampler(sampler: str) -> None:
    points: tuple[dict[str, Any], ...] = (
        {"batch_size": 64, "momentum": 0.9, "c1_maps": 4},
        {"learning_rate": 0.1},
        {"batch_size": 32},
    )
    options = changed(CONDITIONAL, **LITTLE, sampler=sampler, enqueue=points)
    trials = trials_in(InMemoryStorage(), options)
    for trial, point in zip(trials, points, strict=False):
        assert trial.drawn.items() >= point.items()
    assert "learning_rate" in trials[0].drawn and "j" in trials[1].drawn
    assert trials_in(StoppingStorage(), options) == trials
    without = trials_in(InMemoryStorage(), changed(options, enqueue=()))
    assert without[0].drawn != trials[0].drawn
