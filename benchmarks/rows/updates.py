"""The row of the 1998 training: one pattern per update."""

from collections.abc import Iterator

from benchmarks.plan import Plan
from benchmarks.records import Measurement
from benchmarks.turns import in_turns

EVERYONE = {
    "limit": "limit --numerics native",
    "eager": "eager_1998 --numerics portable",
    "ours": "ours_1998 --numerics portable",
    "ours, forward": "ours_1998 --numerics portable --task answers",
    "ours, C5 and F6 back and updated": "ours_1998 --numerics portable --task connected",
}


def updates(plan: Plan) -> Iterator[Measurement]:
    """A pass over a part of the training set, and parts of it."""
    wanted = {name: f"{each} --batch-size 1 --patterns {plan.fewer_patterns}" for name, each in EVERYONE.items()}
    yield from in_turns("updates", "one pattern each", wanted, plan.repeats)
