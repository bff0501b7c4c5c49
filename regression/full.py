"""The full results in reports/ beside those of a git revision, as Markdown for a pull request."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet5.errors import UserError
from lenet5.regression.rows import RowChange, row_change
from pipeline.files import PREDICTIONS
from pipeline.results import read_predictions

RATE = 0.05
"""The chance that a row which is neither worse nor better is called so."""
Answers = dict[str, dict[int, NDArray[np.bool_]]]
"""By row and seed: which test patterns are answered rightly, [patterns]."""
HEADER = (
    "| row | seeds | before [%] | now [%] | difference [points] | interval | newly wrong | newly right | p | finding |",
    "|---|--:|--:|--:|--:|:-:|--:|--:|--:|---|",
)


def full(revision: str | None, markdown: Path | None) -> int:
    """Print what changed since `revision`, by default where this branch left main; 1 if a row is worse.

    Raises:
        UserError: there is no such revision, its predictions are not at hand, or the two are of other test patterns.
    """
    known = commit(revision) if revision else merge_base()
    now = answers(PREDICTIONS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "predictions")
        command("dvc", "get", "--quiet", ".", str(PREDICTIONS), "--rev", known, "--out", str(folder))
        before = answers(folder)
    changes = compare_rows(before, now)
    page = "\n".join(lines(known, changes, [row for row in now if row not in before], metrics_since(known)))
    print(page)
    if markdown:
        with markdown.open("a", encoding="utf-8") as summary:
            summary.write(page + "\n")
    return int(any(change.finding == "worse" for change in changes.values()))


def compare_rows(before: Answers, now: Answers) -> dict[str, RowChange]:
    """Each row that both have.

    Raises:
        UserError: there is none, or a row has no seed in common or other test patterns.
    """
    found = {}
    for row in now:
        if row in before:
            try:
                found[row] = row_change(before[row], now[row], RATE)
            except ValueError as error:
                raise UserError(f"{PREDICTIONS / row}: cannot be compared with the revision's: {error}") from error
    if not found:
        raise UserError(f"{PREDICTIONS}: has no row that the revision has too")
    return found


def lines(revision: str, changes: Mapping[str, RowChange], new: list[str], metrics: str) -> Iterator[str]:
    """The page."""
    yield f"### Results against {revision[:12]}\n"
    yield from HEADER
    for row, each in changes.items():
        yield (
            f"| {row} | {each.seeds} | {each.before_pct:.3f} | {each.now_pct:.3f} | {each.difference_pct:+.3f} | "
            f"{each.low_pct:+.3f} to {each.high_pct:+.3f} | {each.newly_wrong} | {each.newly_right} | "
            f"{each.p_value:.2g} | **{each.finding}** |"
        )
    yield from (f"| {row} | | | | | | | | | new |" for row in new)
    yield f"\nThe interval has {1 - RATE:.0%} confidence. `dvc metrics diff` says:\n\n{metrics}"


def answers(folder: Path) -> Answers:
    """Of every network whose predictions stand in `folder`.

    Raises:
        UserError: there are none, or a file is damaged.
    """
    found: Answers = {}
    for path in sorted(folder.glob("*/seed-*.csv")):
        predictions = read_predictions(path)
        seed = int(path.stem.removeprefix("seed-"))
        found.setdefault(path.parent.name, {})[seed] = predictions.predicted == predictions.label
    if not found:
        raise UserError(f"{folder}: has no predictions; `dvc repro evaluate` makes them")
    return found


def metrics_since(revision: str) -> str:
    """The table of `dvc metrics diff`, which has two lines if nothing changed."""
    table = command("dvc", "metrics", "diff", "--md", revision).strip()
    return table if table.count("\n") > 1 else "No metric changed."


def merge_base() -> str:
    """The commit where this branch left main.

    Raises:
        UserError: there is no main here.
    """
    for main in ("main", "origin/main"):
        try:
            return command("git", "merge-base", "HEAD", main).strip()
        except UserError:
            continue
    raise UserError("no branch main to compare with; name a revision: `make regression FULL=1 REVISION=...`")


def commit(revision: str) -> str:
    """The full name of a commit.

    Raises:
        UserError: there is none of that name.
    """
    return command("git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", else_say=revision).strip()


def command(*words: str, else_say: str = "") -> str:
    """What a command says.

    Raises:
        UserError: it fails; its last line stands in the error.
    """
    here = [sys.executable, "-m", "dvc", *words[1:]] if words[0] == "dvc" else list(words)
    done = subprocess.run(here, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise UserError(f"{' '.join(words[:3])}: {said[-1] if said else f'{else_say} is not there'}")
    return done.stdout
