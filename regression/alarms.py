"""How often the gate cries wolf: honest re-seedings, each judged as if it were a change."""

import csv
import io

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from lenet5.regression.reseedings import Shift, share_seen, shifts, tolerance_factor
from pipeline.files import write_text
from regression.baselines import Baseline, read_baseline
from regression.comparing import FALSE_ALARM_RATE
from regression.many import ErrorsByNumber, reseedings
from regression.places import REPORTS

COLUMNS = ("reseeding", "test", "error_pct", "difference_pct", "limit_pct", "finding")
CONFIDENCE = 0.95
"""Of the interval of a rate."""
SOUGHT_PCT = 0.3
"""The rise of an error rate that the gate should see."""


def alarms(count: int) -> int:
    """Train `count` re-seedings that the baseline has not seen, judge each, and write reports/regression/alarms.*.

    Raises:
        UserError: there is no baseline, or a re-seeding cannot be trained.
    """
    baseline = read_baseline()
    judged = judge(baseline, reseedings("alarms", count, baseline.run))
    write_text(REPORTS / "alarms.csv", table(judged))
    page = summary(baseline, judged)
    write_text(REPORTS / "alarms.md", page)
    print(page)
    return 0


def judge(baseline: Baseline, errors: ErrorsByNumber) -> dict[int, list[Shift]]:
    """What the statistical layer says of each re-seeding."""
    return {
        number: shifts(baseline.reseedings, {row: np.array(rows[row]) for row in baseline.reseedings}, FALSE_ALARM_RATE)
        for number, rows in errors.items()
    }


def table(judged: dict[int, list[Shift]]) -> str:
    """One line for each test of each re-seeding."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for number, tests in judged.items():
        for each in tests:
            numbers = (each.now_pct, each.difference_pct, each.limit_pct)
            lines.writerow([number, each.row, *(f"{value:.6g}" for value in numbers), each.finding])
    return text.getvalue()


def summary(baseline: Baseline, judged: dict[int, list[Shift]]) -> str:
    """The rates, beside the one that is stated; and what rise each test sees nine times in ten."""
    tests = next(iter(judged.values()))
    runs = len(next(iter(baseline.reseedings.values())))
    lines = [
        "# False alarms of the regression gate",
        "",
        f"{len(judged)} honest re-seedings of the small experiment (other seeds for the split, the search and every",
        "network, nothing else), each judged by the statistical layer as if it were a change. None of them is among",
        "those that the baseline's expectation rests on. Made by `make regression-alarms`.",
        "",
        "| false verdict | re-seedings | rate [%] | 95 % interval [%] | stated [%] |",
        "|---|--:|--:|:-:|--:|",
        *(rate_line(finding, judged) for finding in ("worse", "better")),
        "",
        f"| test | expected error [%] | spread of a run | rise seen in 9 of 10 | a rise of {SOUGHT_PCT} is seen in |",
        "|---|--:|--:|--:|--:|",
        *(power_line(each, runs, FALSE_ALARM_RATE / len(tests)) for each in tests),
        "",
        "Expected error and spread are those of the baseline; the spread is a standard deviation over its re-seedings.",
    ]
    return "\n".join(lines) + "\n"


def rate_line(finding: str, judged: dict[int, list[Shift]]) -> str:
    count = sum(any(each.finding == finding for each in tests) for tests in judged.values())
    interval = stats.binomtest(count, len(judged)).proportion_ci(CONFIDENCE)
    low, high = 100 * interval.low, 100 * interval.high
    rate = 100 * count / len(judged)
    return (
        f"| {finding} | {count} of {len(judged)} | {rate:.2g} | {low:.2g} to {high:.2g} | {100 * FALSE_ALARM_RATE:g} |"
    )


def power_line(test: Shift, runs: int, rate: float) -> str:
    """What the test sees, with the spread that the baseline found."""
    spread = max(test.spread_pct, 1e-9)
    # Beyond it nothing is missed, and the distribution cannot be computed.
    certain = 10 * tolerance_factor(runs, rate) * spread
    ninety = brentq(lambda rise: share_seen(rise, spread, runs, rate) - 0.9, 0, certain)
    share = share_seen(SOUGHT_PCT, spread, runs, rate) if certain > SOUGHT_PCT else 1.0
    return (
        f"| {test.row} | {test.expected_pct:.3f} | {test.spread_pct:.3f} | {ninety:.2f} points | {100 * share:.0f} % |"
    )
