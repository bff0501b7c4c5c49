"""`python -m regression.power`: plant every change of the catalogue in turn, and say what the gate makes of it.

What is finished is kept in .cache/regression/power; a call that was stopped goes on from there.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from queue import SimpleQueue

from lenet5.errors import UserError
from pipeline.files import write_text
from regression.baselines import read_baseline
from regression.places import REPORTS
from regression.power.plants import Plant, catalogue
from regression.power.results import Result, power_csv, power_page
from regression.power.runs import (
    POWER,
    chosen,
    copy_of_the_project,
    judge,
    judged_digest,
    kept,
    kept_path,
    refuse_other_baseline,
    refuse_stale,
)


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; 2 if it cannot be done, with one line that says why."""
    options = parsed(arguments)
    try:
        plants = catalogue()
        if options.list:
            for plant in plants:
                print(f"{plant.name:40} {plant.shows or 'harmless':10} {plant.imitates}")
            return 0
        asked = chosen(plants, options.plant)
        results = all_results(asked, options.at_once)
        if len(asked) == len(plants):
            ordered = [results[plant.name] for plant in plants]
            write_text(REPORTS / "power.csv", power_csv(ordered))
            write_text(REPORTS / "power.md", power_page(ordered))
    except (UserError, OSError) as error:
        print(f"regression-power: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("regression-power: stopped; what was finished is kept", file=sys.stderr)
        return 130
    return 0


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m regression.power", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("plant", nargs="*", help="only these, without a report; all if none is named")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="so many plants side by side, a core each")
    parser.add_argument("--list", action="store_true", help="show the catalogue, and do nothing")
    return parser.parse_args(arguments)


def copies(count: int) -> SimpleQueue[int]:
    """Copies of the project to plant in, by number."""
    trees: SimpleQueue[int] = SimpleQueue()
    for number in range(count):
        copy_of_the_project(POWER / f"tree-{number}")
        trees.put(number)
    return trees


def all_results(plants: Sequence[Plant], at_once: int) -> dict[str, Result]:
    """What the gate says of each plant; what earlier calls found out is taken from them.

    Raises:
        UserError: a plant does not apply, or the baseline cannot be used.
    """
    refuse_stale(plants)
    baseline, digest = read_baseline(), judged_digest()
    results, trees = kept(plants, digest), copies(at_once)
    if len(results) < len(plants):
        refuse_other_baseline(POWER / "tree-0", baseline)

    def judged(plant: Plant) -> Result:
        number, started = trees.get(), time.monotonic()
        try:
            found = judge(plant, POWER / f"tree-{number}", baseline)
        finally:
            trees.put(number)
        write_text(kept_path(plant, digest), found.model_dump_json(indent=1) + "\n")
        print(f"{line_of(found)}  ({time.monotonic() - started:.0f} s)", flush=True)
        return found

    for found in results.values():
        print(f"{line_of(found)}  (kept)")
    with ThreadPoolExecutor(at_once) as pool:
        todo = [pool.submit(judged, plant) for plant in plants if plant.name not in results]
        try:
            for done in as_completed(todo):
                results[done.result().name] = done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results


def line_of(found: Result) -> str:
    moved = f", {found.effect.shift_pct:+.2f} points" if found.effect else ""
    return f"{found.name}: {found.outcome}{moved}; caught by: {', '.join(found.layers) or 'nothing'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
