"""The three layers of the gate: a run beside the baseline."""

import numpy as np
from numpy.typing import NDArray

from lenet5.errors import UserError
from lenet5.regression.facts import count, differences
from lenet5.regression.reseedings import shifts
from lenet5.regression.verdict import Comparison
from regression.baselines import UPDATE, Baseline
from regression.running import Run

FALSE_ALARM_RATE = 0.02
"""The chance that an honest re-seeding is called worse, and the chance that it is called better."""


def compare(baseline: Baseline, now: Run, exact_wanted: bool) -> Comparison:
    """Compare `now` with the baseline in three layers; without the exact one if it is not wanted, or cannot be.

    Raises:
        UserError: the two are of other data, or of other rows or seeds.
    """
    before = baseline.run
    if before.record.data != now.record.data:
        raise UserError(f"regression/baseline: is of other data than these; if they are meant to change, `{UPDATE}`")
    reason = "switched off" if not exact_wanted else other_platform(before.record.platform, now.record.platform)
    exact = None if reason else differences(before.record.exact, now.record.exact)
    try:
        found = shifts(
            baseline.reseedings, {row: error_rates(now.correct[row]) for row in baseline.reseedings}, FALSE_ALARM_RATE
        )
    except (KeyError, ValueError) as error:
        raise UserError(f"regression/baseline: is of other rows than this run ({error}); `{UPDATE}`") from error
    return Comparison(
        exact=exact,
        exact_note=f"skipped: {reason}" if reason else f"{count(now.record.exact)} facts",
        shifts=found,
        structure=differences(before.record.structure, now.record.structure),
        structure_note=f"{count(now.record.structure)} facts",
        answers={row: newly(before.correct[row], now.correct[row]) for row in baseline.reseedings},
    )


def other_platform(before: dict[str, str], now: dict[str, str]) -> str:
    """What of the platform differs, if anything does: the bits of the two are then not comparable."""
    found = differences({"platform": before}, {"platform": now})
    return ", ".join(f"{each.name} is {each.now} here, {each.before} in the baseline" for each in found)


def error_rates(correct: NDArray[np.uint8]) -> NDArray[np.float64]:
    """In percent, of each seed, from packed bits."""
    wrong: NDArray[np.float64] = 100 - 100 * np.unpackbits(correct, axis=1).mean(axis=1)
    return wrong


def newly(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> tuple[int, int]:
    """McNemar's two counts, over seeds: answers that only `now` gets wrong, and that only `before` does.

    Raises:
        UserError: the two have not the same seeds or examples.
    """
    if before.shape != now.shape:
        raise UserError(f"regression/baseline: has other numbers of seeds or examples than this run; `{UPDATE}`")
    was, is_ = np.unpackbits(before, axis=1), np.unpackbits(now, axis=1)
    return int((was > is_).sum()), int((was < is_).sum())
