"""The verdict as a table: on the terminal, as Markdown for a pull request, as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from lenet5.regression.facts import Difference
from lenet5.regression.reseedings import ALL_ROWS, Shift
from lenet5.regression.verdict import Comparison, Outcome

COLUMNS = ("layer", "what", "baseline", "now", "finding", "likely place")
SAID: dict[Outcome, str] = {
    "unchanged": "unchanged: every number and every bit is the baseline's.",
    "equal": "equal: no worse and no better than honest re-seedings are.",
    "changed": "changed, not worse: the results are other ones, no worse and no better than honest re-seedings are.",
    "better": "better: beyond the luck of the seeds. An improvement, or held-out patterns that leak into training.",
    "worse": "worse: beyond the luck of the seeds.",
}
IF_MEANT = 'If this is meant: `python -m regression update --why "..."`.'
CODE = {
    "params": "params.yaml, regression/profile.yaml",
    "params.yaml": "params.yaml",
    "prepare": "pipeline/prepare.py, src/lenet5/data/patterns.py, idx.py, mnist.py",
    "order of the patterns": "src/lenet5/data/datamodule.py, randomness.py",
    "distortions": "src/lenet5/data/distortions.py",
    "learning rate schedule": "src/lenet5/training/optim.py",
    "initial weights": "src/lenet5/models/lenet.py, sizes.py, randomness.py",
    "forward pass": "src/lenet5/models/",
    "loss": "src/lenet5/models/losses.py",
    "gradients": "src/lenet5/models/one_thread.py, lanes.py",
    "search": "pipeline/search.py, src/lenet5/study/, or training with validation",
    "train": "pipeline/train.py, src/lenet5/training/, data/datamodule.py",
    "evaluate": "pipeline/evaluate.py, src/lenet5/evaluation.py",
    "compare": "pipeline/compare.py, src/lenet5/statistics.py",
    "dvc.yaml": "dvc.yaml",
    "files": "the stage that writes the file",
}
"""Where to look first for what differs first."""
NETWORK = "src/lenet5/models/"
MOST_OF_A_VALUE = 40
WIDTH_OF_A_LOG = 180


@dataclass(frozen=True)
class Line:
    """One line of the table, in the order of `COLUMNS`."""

    layer: str
    what: str
    baseline: str
    now: str
    finding: str
    place: str


def lines(comparison: Comparison) -> list[Line]:
    """The table: each layer has at least one line."""
    return [
        *layer("exact", comparison.exact, comparison.exact_note),
        *(of_shift(shift, comparison) for shift in comparison.shifts),
        *layer("structure", comparison.structure, comparison.structure_note),
    ]


def layer(name: str, found: Sequence[Difference] | None, note: str) -> Iterator[Line]:
    """Of each place where something differs, the first thing; the places come in the order of the pipeline."""
    if not found:
        yield Line(name, note if found is not None else "", "", "", "unchanged" if found is not None else note, "")
    by_place: dict[str, list[Difference]] = {}
    for each in found or ():
        by_place.setdefault(each.place, []).append(each)
    for number, (place, these) in enumerate(by_place.items()):
        finding = "differs" if len(these) == 1 else f"differs, and {len(these) - 1} more there"
        where = CODE.get(place, NETWORK) if number == 0 else "follows from the above, unless that is meant"
        yield Line(name, f"{place}: {these[0].name}", cut(these[0].before), cut(these[0].now), finding, where)


def cut(value: str) -> str:
    return value if len(value) <= MOST_OF_A_VALUE else value[: MOST_OF_A_VALUE - 3] + "..."


def of_shift(shift: Shift, comparison: Comparison) -> Line:
    """One row's error rate, beside what re-seedings give."""
    wrong, right = comparison.answers.get(shift.row, (0, 0))
    counts = "" if shift.row == ALL_ROWS else f"; {wrong} answers newly wrong, {right} newly right"
    finding = f"{shift.finding} (counts beyond ±{shift.limit_pct:.3f}{counts})"
    if comparison.exact == []:
        finding = "the same answers"
    return Line(
        "statistics",
        f"{shift.row}: held-out error",
        f"{shift.expected_pct:.3f} % (re-seedings ±{shift.spread_pct:.3f})",
        f"{shift.now_pct:.3f} % ({shift.difference_pct:+.3f})",
        finding,
        "see the exact layer" if comparison.exact and shift.finding != "equal" else "",
    )


def conclusion(comparison: Comparison, meant: bool) -> str:
    """The verdict in a sentence or two."""
    said = SAID[comparison.outcome]
    if comparison.place:
        said += f" It begins at: {comparison.place}."
    if comparison.outcome not in ("unchanged", "equal") and not meant:
        said += f" {IF_MEANT}"
    return said


def markdown(comparison: Comparison, meant: bool) -> str:
    """As Markdown."""
    cells = [[cell.replace("|", "\\|") for cell in asdict(line).values()] for line in lines(comparison)]
    table = [f"| {' | '.join(row)} |" for row in (COLUMNS, ["---"] * len(COLUMNS), *cells)]
    return "\n".join([f"**{conclusion(comparison, meant)}**", "", *table, ""])


def machine_readable(comparison: Comparison, meant: bool) -> str:
    """As JSON: the verdict, the exit code, the table, and every difference."""
    content = {
        "outcome": comparison.outcome,
        "exit_code": comparison.exit_code(meant),
        "place": comparison.place,
        "exact": None if comparison.exact is None else [asdict(each) for each in comparison.exact],
        "exact_note": comparison.exact_note,
        "statistics": [asdict(shift) | {"finding": shift.finding} for shift in comparison.shifts],
        "structure": [asdict(each) for each in comparison.structure],
    }
    return json.dumps(content, indent=1) + "\n"


def show(comparison: Comparison, meant: bool) -> None:
    """On the terminal; as wide as it likes where there is none, as in a log."""
    table = Table(*COLUMNS)
    for line in lines(comparison):
        table.add_row(*asdict(line).values())
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_LOG
    console.print(table)
    console.print(f"regression: {conclusion(comparison, meant)}", markup=False)
