"""`python -m regression [check|update|alarms|full]`: has a change made the results other ones, and are they worse?"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lenet5.errors import UserError
from lenet5.regression.verdict import COULD_NOT_JUDGE
from pipeline.command import stop
from pipeline.files import write_text
from regression import report
from regression.alarms import alarms
from regression.baselines import read_baseline
from regression.comparing import compare
from regression.full import full
from regression.places import ROOT
from regression.running import run_small_experiment
from regression.updating import update


def main(arguments: Sequence[str]) -> int:
    """Do what `arguments` ask; 0: unchanged or equal, 1: changed or worse, 2: could not judge, which one line says."""
    signal.signal(signal.SIGTERM, stop)
    chosen = parse(arguments)
    os.chdir(ROOT)
    try:
        return int(chosen.do(chosen))
    except (UserError, OSError) as error:
        print(f"regression: could not judge: {error}", file=sys.stderr)
        return COULD_NOT_JUDGE
    except KeyboardInterrupt:
        print("regression: stopped", file=sys.stderr)
        return 130


def from_here(path: str) -> Path:
    """`path` as the user means it, from the folder where the command was given."""
    return Path(path).absolute()


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m regression", description=__doc__)
    parser.set_defaults(do=check, allow_change=False, statistics_only=False, markdown=None, json=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    one = commands.add_parser("check", help="train the small experiment and compare it with the baseline (the default)")
    one.set_defaults(do=check)
    one.add_argument("--allow-change", action="store_true", help="other results are meant: only worse ones end with 1")
    one.add_argument("--statistics-only", action="store_true", help="skip the exact layer, as on another platform")
    one.add_argument("--markdown", type=from_here, metavar="FILE", help="add the table to FILE, as Markdown")
    one.add_argument("--json", type=from_here, metavar="FILE", help="write everything to FILE")
    two = commands.add_parser("update", help="make the working tree's results the baseline")
    two.set_defaults(do=lambda chosen: update(chosen.why, chosen.accept_worse, chosen.reseedings))
    two.add_argument("--why", required=True, help="what changed and why; it goes to regression/baseline/HISTORY.md")
    two.add_argument("--accept-worse", action="store_true", help="even if the results are worse")
    two.add_argument("--reseedings", type=int, default=50, help="from which to expect error rates; 50 by default")
    three = commands.add_parser("full", help="compare the results in reports/ with those of a git revision")
    three.set_defaults(do=lambda chosen: full(chosen.revision, chosen.markdown))
    three.add_argument("--revision", metavar="REVISION", help="a commit; by default where this branch left main")
    three.add_argument("--markdown", type=from_here, metavar="FILE", help="add the page to FILE too")
    four = commands.add_parser("alarms", help="how often the gate cries wolf: judge honest re-seedings")
    four.set_defaults(do=lambda chosen: alarms(chosen.count))
    four.add_argument(
        "--count", type=int, default=200, help="how many, 200 by default; goes on with those that are there"
    )
    return parser.parse_args(arguments)


def check(chosen: argparse.Namespace) -> int:
    """Train, compare, tell."""
    baseline = read_baseline()
    found = compare(baseline, run_small_experiment(), exact_wanted=not chosen.statistics_only)
    meant = chosen.allow_change
    report.show(found, meant)
    if chosen.markdown:
        with chosen.markdown.open("a", encoding="utf-8") as summary:
            summary.write(report.markdown(found, meant))
    if chosen.json:
        write_text(chosen.json, report.machine_readable(found, meant))
    return found.exit_code(meant)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
