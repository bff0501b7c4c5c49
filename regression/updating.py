"""The baseline changes by an explicit command alone, which says in the repository what changed and why."""

import sys

from lenet5.errors import UserError
from lenet5.regression.reseedings import ALL_ROWS, shifts
from lenet5.regression.verdict import Comparison
from pipeline.files import write_text
from regression import report
from regression.baselines import (
    HISTORY,
    RESEEDINGS,
    Baseline,
    parse_reseedings,
    read_baseline,
    reseedings_csv,
    write_baseline,
)
from regression.comparing import FALSE_ALARM_RATE, compare, error_rates
from regression.many import identity, reseedings
from regression.places import BASELINE
from regression.running import Run, run_small_experiment

LEAST_RESEEDINGS = 3
"""With fewer there is no distribution."""
TITLE = "# What the baseline was, and why it changed\n\nWritten by `python -m regression update --why ...`.\n"


def update(why: str, accept_worse: bool, count: int) -> int:
    """Make the working tree's results the baseline; 1 if they are worse than the present one's, unless that is meant.

    Raises:
        UserError: `why` says nothing, `count` is too small, or the small experiment cannot be run.
    """
    if count < LEAST_RESEEDINGS:
        raise UserError(f"--reseedings: should be {LEAST_RESEEDINGS} or more (found {count})")
    if not why.strip():
        raise UserError('--why: says nothing; it should be a sentence, as in --why "a new loss: less wrong, see PR 12"')
    run = run_small_experiment()
    before, found, note = present(run)
    if found:
        report.show(found, meant=True)
        if found.outcome == "worse" and not accept_worse:
            print("regression: the baseline stays; if worse results are meant, add --accept-worse", file=sys.stderr)
            return 1
    drawn = kept_reseedings(before, run, count) or reseedings_csv(reseedings("baseline", count, run))
    write_baseline(run, drawn)
    write_history(why, found, note, run, drawn)
    print(f"regression: the baseline is written; commit {BASELINE.name}/ with the change that made it so")
    return 0


def kept_reseedings(before: Baseline | None, run: Run, count: int) -> str | None:
    """Those of the present baseline, if they are as many as are wanted and of the same networks."""
    if before is None or identity(before.run) != identity(run):
        return None
    text = (BASELINE / RESEEDINGS).read_text(encoding="utf-8")
    return text if len(next(iter(before.reseedings.values()))) == count else None


def present(run: Run) -> tuple[Baseline | None, Comparison | None, str]:
    """The present baseline beside `run`, if that can be; else why not."""
    try:
        baseline = read_baseline()
        return baseline, compare(baseline, run, exact_wanted=True), ""
    except UserError as error:
        return None, None, str(error)


def write_history(why: str, found: Comparison | None, note: str, run: Run, drawn: str) -> None:
    """Add an entry: why, the new error rates, and what differs from what was."""
    path = BASELINE / HISTORY
    text = path.read_text(encoding="utf-8") if path.exists() else TITLE
    number = text.count("\n## ") + 1
    was = report.markdown(found, meant=True) if found else f"Nothing to compare with: {note}\n"
    write_text(path, f"{text}\n## {number}. {' '.join(why.split())}\n\n{rates(run, drawn)}\n\n{was}")


def rates(run: Run, drawn: str) -> str:
    """The error rates of the new baseline, and what its own draw of seeds looks like among its re-seedings."""
    now = parse_reseedings(drawn)
    own = shifts(now, {row: error_rates(run.correct[row]) for row in now}, FALSE_ALARM_RATE)
    count = len(next(iter(now.values())))
    return "\n".join(
        f"- {each.row}: {each.expected_pct:.3f} % held-out error, ±{each.spread_pct:.3f} over {count} re-seedings; "
        f"more than {each.limit_pct:.3f} points count"
        + ("" if each.row == ALL_ROWS else f"; this run {each.now_pct:.3f} %, {each.finding}")
        for each in own
    )
