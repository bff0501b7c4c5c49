"""The search space in Optuna's terms, and what a trial trains with."""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna import Trial
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import StudyDirection

from lenet5.dimensions import CategoricalDimension, FloatDimension, IntDimension, drawing_order, is_searched
from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Search


def distribution(dimension: FloatDimension | IntDimension | CategoricalDimension) -> BaseDistribution:
    """The Optuna form of a dimension of params.yaml."""
    if isinstance(dimension, CategoricalDimension):
        return CategoricalDistribution(dimension.choices)
    if isinstance(dimension, IntDimension):
        return IntDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)


def distributions(options: Search) -> dict[str, BaseDistribution]:
    """All dimensions, in the order of params.yaml."""
    return {name: distribution(dimension) for name, dimension in options.space.items()}


def directions(objectives: Sequence[str]) -> list[StudyDirection]:
    """Less is better, of all objectives."""
    return [StudyDirection.MINIMIZE for _ in objectives]


def draw(trial: Trial, options: Search) -> dict[str, Any]:
    """Ask `trial` for a value in each dimension whose condition holds."""
    drawn: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name in drawing_order(options.space):
        dimension = options.space[name]
        if is_searched(dimension, values):
            drawn[name] = suggest(trial, name, dimension)
        values[name] = drawn.get(name, dimension.default)
    return drawn


def suggest(trial: Trial, name: str, dimension: FloatDimension | IntDimension | CategoricalDimension) -> Any:
    if isinstance(dimension, CategoricalDimension):
        return trial.suggest_categorical(name, dimension.choices)
    if isinstance(dimension, IntDimension):
        return trial.suggest_int(name, dimension.low, dimension.high, log=dimension.log, step=dimension.step)
    return trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log, step=dimension.step)


def hyperparameters(options: Search, drawn: Mapping[str, Any]) -> Hyperparameters:
    """What a trial trains with: what was drawn, the defaults of dimensions that were not, and what is fixed."""
    defaults = {name: each.default for name, each in options.space.items() if each.default is not None}
    return Hyperparameters.model_validate({**options.fixed, **defaults, **drawn})
