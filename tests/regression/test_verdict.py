"""From three layers to one verdict and one exit code."""

import dataclasses

import numpy as np
import pytest

from lenet5.regression.facts import Difference
from lenet5.regression.reseedings import Shift, shift
from lenet5.regression.verdict import Comparison

RUNS = np.array([[2.9], [3.0], [3.1], [3.0], [2.95], [3.05]])
EQUAL, WORSE, BETTER = (shift("row", RUNS, now, 0.01) for now in (3.0, 4.0, 2.0))
ONE = Difference("loss", "before training", "1.0", "2.0")
LATER = Difference("dvc.yaml", "train command", "a", "b")
SAME = Comparison([], "9 facts", [EQUAL], [], "3 facts", {"row": (0, 0)})


@pytest.mark.parametrize(
    ("exact", "shifts", "structure", "outcome", "code", "if_meant"),
    [
        ([], [EQUAL], [], "unchanged", 0, 0),
        # The same bits are the same result, wherever its draw of seeds lies.
        ([], [WORSE], [], "unchanged", 0, 0),
        ([ONE], [EQUAL], [], "changed", 1, 0),
        ([ONE], [EQUAL, WORSE], [], "worse", 1, 1),
        ([ONE], [BETTER], [], "better", 1, 0),
        ([ONE], [BETTER, WORSE], [], "worse", 1, 1),
        (None, [EQUAL], [], "equal", 0, 0),
        (None, [WORSE], [], "worse", 1, 1),
        (None, [BETTER], [], "better", 1, 0),
        ([], [EQUAL], [LATER], "changed", 1, 0),
        (None, [EQUAL], [LATER], "changed", 1, 0),
        ([ONE], [WORSE], [LATER], "worse", 1, 1),
    ],
)
def test_the_verdict(
    exact: list[Difference] | None,
    shifts: list[Shift],
    structure: list[Difference],
    outcome: str,
    code: int,
    if_meant: int,
) -> None:
    found = dataclasses.replace(SAME, exact=exact, shifts=shifts, structure=structure)
    assert (found.outcome, found.exit_code(meant=False), found.exit_code(meant=True)) == (outcome, code, if_meant)


def test_the_place_is_where_the_first_difference_is() -> None:
    assert SAME.place == ""
    assert dataclasses.replace(SAME, exact=[ONE], structure=[LATER]).place == "loss"
    assert dataclasses.replace(SAME, exact=None, structure=[LATER]).place == "dvc.yaml"
