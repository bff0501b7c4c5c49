"""Which trials of a round go on after a rung. Decided from the errors alone, for the round as a whole.

Optuna's own pruners decide trial by trial from what the study holds at that moment, so that a crash, or another order,
makes them decide otherwise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from lenet5.params import Search


@dataclass(frozen=True)
class Standing:
    """A trial after a rung."""

    number: int
    error_pct: float
    multiply_adds: int


def going_on(options: Search, standings: Sequence[Standing], entered: int, earlier: Sequence[float]) -> set[int]:
    """The numbers of the trials that go on.

    halving: the share `keep` of the `entered` that began the rung (those that failed count as stopped), the best first.
    median: those not worse than the median of this round's errors and the `earlier` ones, of all rounds before at the
    same rung. With two objectives, `best` goes by Pareto fronts, then by error; and no trial of the round's own front
    is worse than the median: else a cheap network would always lose to a dear one.
    """
    if options.pruner == "none":
        return {standing.number for standing in standings}
    fronts = pareto_fronts(standings) if len(options.objectives) > 1 else [list(standings)]
    if options.pruner == "halving":
        ranked = [standing.number for front in fronts for standing in sorted(front, key=by_error)]
        return set(ranked[: survivors(entered, options.keep)])
    limit = median([*earlier, *(standing.error_pct for standing in standings)]) if standings else 0
    first = fronts[0] if len(options.objectives) > 1 else []
    return {standing.number for standing in standings if standing.error_pct <= limit or standing in first}


def survivors(trials: int, keep: float) -> int:
    """How many of so many trials go on after a rung: the share `keep`, rounded up."""
    return math.ceil(trials * keep)


def by_error(standing: Standing) -> tuple[float, int]:
    """The smaller error first, the earlier trial in a tie."""
    return standing.error_pct, standing.number


def pareto_fronts(standings: Sequence[Standing]) -> list[list[Standing]]:
    """Those that none beats in both objectives; of the rest, those that none of the rest beats; and so on."""
    left = list(standings)
    fronts: list[list[Standing]] = []
    while left or not fronts:
        fronts.append([one for one in left if not any(beats(other, one) for other in left)])
        left = [one for one in left if one not in fronts[-1]]
    return fronts


def beats(one: Standing, other: Standing) -> bool:
    """Whether `one` is better in an objective and worse in none."""
    ours, theirs = (one.error_pct, one.multiply_adds), (other.error_pct, other.multiply_adds)
    return ours != theirs and all(mine <= its for mine, its in zip(ours, theirs, strict=True))
