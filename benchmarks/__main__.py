"""`python -m benchmarks [--quick] [ROW ...]`: measure all rows or some, and write the report anew."""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from benchmarks.plan import FULL, QUICK, ROOT, Plan
from benchmarks.records import Operation, replace_row, to_csv
from benchmarks.registry import PROFILE, ROWS
from benchmarks.report import write_report
from benchmarks.rows.profiles import profile
from lenet5.errors import UserError
from pipeline.files import write_text

EVERY_ROW = (*ROWS, PROFILE)


def main(arguments: Sequence[str]) -> int:
    """Measure row by row; one that cannot be measured is said in a line, and the others go on. 1 if there was any."""
    chosen = parse(arguments)
    os.chdir(ROOT)
    plan = QUICK if chosen.quick else FULL
    failed = False
    try:
        for row in [] if chosen.page else chosen.rows or EVERY_ROW:
            failed |= not measure(row, plan)
    except KeyboardInterrupt:
        say("stopped; finished rows are kept, name the others to go on")
        failed = True
    try:
        write_report(plan.report)
    except UserError as error:
        say(str(error))
        return 1
    say(f"{plan.report / 'README.md'} is written")
    return int(failed)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one of {', '.join(EVERY_ROW)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, into .cache/bench/quick: does it all run?")
    parser.add_argument("--page", action="store_true", help="measure nothing, write page and figures from the csv")
    chosen = parser.parse_args(arguments)
    if unknown := [row for row in chosen.rows if row not in EVERY_ROW]:
        parser.exit(2, f"bench: no row {unknown[0]!r}; there are {', '.join(EVERY_ROW)}\n")
    return chosen


def measure(row: str, plan: Plan) -> bool:
    """Measure one row and keep it; whether that could be done."""
    started = time.monotonic()
    try:
        if row == PROFILE:
            write_text(plan.report / "profile.csv", to_csv(list(profile(plan)), Operation))
        else:
            found = []
            for each in ROWS[row].measure(plan):
                say(f"{row}: {each.case}, {each.contestant}: {each.seconds:.2f} s")
                found.append(each)
            replace_row(plan.report / "measurements.csv", row, found, tuple(ROWS))
    except UserError as error:
        say(f"{row}: {error}")
        return False
    say(f"{row}: done in {time.monotonic() - started:.0f} s")
    return True


def say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
