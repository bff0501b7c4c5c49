"""How large a network is, and which maps of S2 each map of C3 sees: Table I, and its like for other numbers of maps."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import cycle, islice
from typing import Any, Self

# Table I: the maps of S2 that each map of C3 is connected to.
C3_TABLE: tuple[tuple[int, ...], ...] = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """Numbers of maps and units; the paper's, unless said otherwise. S2 has as many maps as C1, S4 as C3."""

    c1_maps: int = 6
    c3_maps: int = 16
    c5_units: int = 120
    f6_units: int = 84

    @classmethod
    def among(cls, values: Mapping[str, Any]) -> Self:
        """Those of `values` that are sizes."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})


PAPER_SIZES = Sizes()


def c3_table(inputs: int, outputs: int) -> tuple[tuple[int, ...], ...]:
    """For each of `outputs` maps of C3, the maps of S2 that it sees, of `inputs`.

    6 and 16 give Table I. Other numbers go by what its first maps and its last show: runs of three neighbours, one
    from each map of S2 on and round the end; then runs of four, of five, ..., and of three again when those are used
    up; the last sees all. (Table I itself is no such rule throughout: three of its maps see two pairs apart.)
    """
    if (inputs, outputs) == (6, 16):
        return C3_TABLE
    lengths = range(min(3, inputs), max(inputs, 4))
    runs = [[(start + step) % inputs for step in range(length)] for length in lengths for start in range(inputs)]
    every = tuple(range(inputs))
    return (*(tuple(sorted(set(run))) for run in islice(cycle(runs), outputs - 1)), every)
