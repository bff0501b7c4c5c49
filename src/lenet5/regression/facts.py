"""What is known of a run, fact by fact, in the order in which a pipeline comes to know it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Facts = Mapping[str, Mapping[str, str]]
"""By place (a stage, or a part of one), then by name: a number in full, or the digest of an array or a file. The order
counts: what differs first may be the cause of what differs later, never the other way round."""

MISSING = "missing"


@dataclass(frozen=True)
class Difference:
    """One fact that two runs do not share."""

    place: str
    name: str
    before: str
    now: str


def differences(before: Facts, now: Facts) -> list[Difference]:
    """Where `now` differs from `before`, the earliest place first; a fact that only one of them has counts."""
    return [
        Difference(place, name, old, new)
        for place in in_order(before, now)
        for name, old, new in beside(before.get(place, {}), now.get(place, {}))
        if old != new
    ]


def beside(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The facts of one place, side by side."""
    for name in in_order(before, now):
        yield name, before.get(name, MISSING), now.get(name, MISSING)


def in_order(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """The names of both, each once: those of `before`, then what is new."""
    return list({**before, **now})


def count(facts: Facts) -> int:
    return sum(len(names) for names in facts.values())
