"""The search space as params.yaml writes it: its dimensions, and what makes them possible."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from lenet5.blocks import Block
from lenet5.hyperparameters import HYPERPARAMETER

Value = int | float | str
When = dict[str, Value | tuple[Value, ...]]
"""Other dimensions, and the value or values that each must have."""


class Conditional(Block):
    """A dimension that is searched only `when` other dimensions have certain values, and is `default` otherwise."""

    when: Annotated[When, Field(min_length=1)] | None = None
    default: Value | None = None


class FloatDimension(Conditional):
    type: Literal["float"]
    low: float
    high: float
    log: bool = False
    step: Annotated[float, Field(gt=0)] | None = None


class IntDimension(Conditional):
    type: Literal["int"]
    low: int
    high: int
    log: bool = False
    step: Annotated[int, Field(gt=0)] = 1


class CategoricalDimension(Conditional):
    type: Literal["categorical"]
    choices: Annotated[tuple[Value, ...], Field(min_length=1)]


Dimension = Annotated[FloatDimension | IntDimension | CategoricalDimension, Field(discriminator="type")]
Space = Mapping[str, FloatDimension | IntDimension | CategoricalDimension]


def check_space(space: Space) -> None:
    """Refuse a space that no trial could be drawn from, or whose values no training would accept.

    Raises:
        ValueError: names the dimension and what would be right.
    """
    for name, dimension in space.items():
        check_scale(f"space.{name}", dimension)
        for value in ends_of(dimension):
            check_value(name, value, f"space.{name}")
    for name in space:
        check_condition(name, space)
    drawing_order(space)


def ends_of(dimension: FloatDimension | IntDimension | CategoricalDimension) -> tuple[Value, ...]:
    """The choices, or the lowest and the highest value."""
    if isinstance(dimension, CategoricalDimension):
        return dimension.choices
    return dimension.low, dimension.high


def check_value(name: str, value: Any, where: str) -> None:
    """Refuse what no training accepts as the hyperparameter `name`.

    Raises:
        ValueError: starts with `where`.
    """
    try:
        HYPERPARAMETER[name].validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ValueError(f"{where}: {value!r} is not a possible {name} ({reason})") from None


def check_scale(where: str, dimension: FloatDimension | IntDimension | CategoricalDimension) -> None:
    if isinstance(dimension, CategoricalDimension):
        twice = [value for value in dimension.choices if dimension.choices.count(value) > 1]
        if twice:
            raise ValueError(f"{where}.choices: {twice[0]!r} stands there twice")
        return
    if dimension.low > dimension.high:
        raise ValueError(f"{where}: low {dimension.low} is above high {dimension.high}")
    if dimension.log and dimension.low <= 0:
        raise ValueError(f"{where}: a log scale needs low above 0")
    if dimension.log and dimension.step not in (None, 1):
        raise ValueError(f"{where}: a log scale has no step (found {dimension.step})")
    if dimension.step and not on_a_step(dimension.high, dimension.low, dimension.step):
        raise ValueError(f"{where}: from low {dimension.low}, steps of {dimension.step} miss high {dimension.high}")


def on_a_step(value: float, low: float, step: float) -> bool:
    # As decimals, which people write: in binary, 0.3 is no multiple of 0.1.
    return (Decimal(str(value)) - Decimal(str(low))) % Decimal(str(step)) == 0


def contains(dimension: FloatDimension | IntDimension | CategoricalDimension, value: Value) -> bool:
    """Whether a trial could draw `value`."""
    if isinstance(dimension, CategoricalDimension):
        return value in dimension.choices
    if isinstance(value, str) or (isinstance(dimension, IntDimension) and not isinstance(value, int)):
        return False
    inside = dimension.low <= value <= dimension.high
    return inside and (not dimension.step or on_a_step(value, dimension.low, dimension.step))


def check_condition(name: str, space: Space) -> None:
    """Refuse a condition that can never hold, and a default that is missing, idle or not in the dimension."""
    dimension, where = space[name], f"space.{name}"
    if (dimension.when is None) != (dimension.default is None):
        missing, given = ("default", "when") if dimension.default is None else ("when", "default")
        raise ValueError(f"{where}: {given} needs {missing}: what it is when its condition does not hold")
    if dimension.default is not None and not contains(dimension, dimension.default):
        raise ValueError(f"{where}.default: {dimension.default!r} is not in the dimension itself")
    for other, wanted in (dimension.when or {}).items():
        if other not in space:
            raise ValueError(f"{where}.when: {other} is not in the space ({', '.join(space)})")
        for value in as_tuple(wanted):
            if not contains(space[other], value):
                raise ValueError(f"{where}.when.{other}: {value!r} is none of the values that {other} can have")
        if not as_tuple(wanted):
            raise ValueError(f"{where}.when.{other}: names no value")


def as_tuple(wanted: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    return wanted if isinstance(wanted, tuple) else (wanted,)


def drawing_order(space: Space) -> list[str]:
    """The dimensions, each after those that it depends on, else in the order of params.yaml.

    Raises:
        ValueError: there is no such order; names a dimension that depends on itself.
    """
    order: list[str] = []
    while len(order) < len(space):
        left = [name for name in space if name not in order]
        ready = [name for name in left if (space[name].when or {}).keys() <= set(order)]
        if not ready:
            raise ValueError(f"space.{left[0]}.when: {', '.join(left)} depend on each other in a circle")
        order.append(ready[0])
    return order


def is_searched(dimension: FloatDimension | IntDimension | CategoricalDimension, values: Mapping[str, Value]) -> bool:
    """Whether the condition of `dimension` holds among `values`, those that the trial trains with."""
    return all(values[other] in as_tuple(wanted) for other, wanted in (dimension.when or {}).items())


def check_point(point: Mapping[str, Value], space: Space, where: str) -> None:
    """Refuse a point to be tried first that the space does not hold.

    Raises:
        ValueError: starts with `where`.
    """
    for name, value in point.items():
        if name not in space:
            raise ValueError(f"{where}: {name} is not in the space ({', '.join(space)})")
        if not contains(space[name], value):
            raise ValueError(f"{where}.{name}: {value!r} is not in the dimension")
        conditions = space[name].when or {}
        if not conditions.keys() <= point.keys() or not is_searched(space[name], point):
            wanted = ", ".join(f"{other} {' or '.join(map(str, as_tuple(each)))}" for other, each in conditions.items())
            raise ValueError(f"{where}.{name}: is searched only with {wanted}, which the point must name too")
