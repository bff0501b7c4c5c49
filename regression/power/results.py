"""What came of each plant, and the table of all of them."""

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from lenet5.blocks import Block, Name
from regression.power.plants import Shows

Layer = Literal["exact", "statistics", "structure", "a stage fails"]
Finite = Annotated[float, Field(allow_inf_nan=False)]

MATTERS_PCT = 0.3
"""A change of an error rate that must not get through, in percentage points."""
SURE_PCT = 0.6
"""A difference that is never the luck of the seeds, which move a row's mean by some 0.1 points."""


class Effect(Block):
    """How a plant moves the error rate of the row that it moves most."""

    row: str
    shift_pct: Finite
    standard_error_pct: Finite
    judged: bool
    """Measured on the networks that the gate judges; else on others, of seeds of their own."""

    @property
    def matters(self) -> bool:
        return abs(self.shift_pct) >= MATTERS_PCT


class Result(Block):
    """What the gate said of one plant."""

    name: Name
    imitates: str
    shows: Shows | None
    outcome: str
    """The verdict of all layers, or the complaint of a stage that failed."""
    layers: tuple[Layer, ...]
    """Those that object, each by itself."""
    place: str
    """Where the gate says that it begins."""
    without_exact: str
    """The verdict with the exact layer off."""
    effect: Effect | None
    """None: the plant changes no bit, or no network comes of it."""

    @property
    def caught(self) -> bool:
        return bool(self.layers)

    @property
    def caught_without_exact(self) -> bool:
        return bool(set(self.layers) - {"exact"})


COLUMNS = (
    *("plant", "imitates", "expected", "caught_by", "outcome", "place", "without_exact"),
    *("row", "shift_pct", "standard_error_pct"),
)


def power_csv(results: Sequence[Result]) -> str:
    """One line per plant, in the order of the catalogue; shifts in percentage points, to three decimals."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for each in results:
        layers = " ".join(each.layers).replace("a stage fails", "failure")
        about = (each.name, each.imitates, each.shows or "nothing", layers, each.outcome, each.place)
        lines.writerow((*about, each.without_exact, *(effect_cells(each.effect, "") if each.effect else ("", "", ""))))
    return text.getvalue()


def effect_cells(effect: Effect, sign: str) -> tuple[str, str, str]:
    return effect.row, f"{effect.shift_pct:{sign}.3f}", f"{effect.standard_error_pct:.3f}"


def power_page(results: Sequence[Result]) -> str:
    """reports/regression/power.md: what was caught, what was missed, and how it was found out."""
    mistakes = [each for each in results if each.shows is not None]
    harmless = [each for each in results if each.shows is None]
    return PAGE.format(
        summary="\n".join(f"| {what} | {share(part, whole)} |" for what, part, whole in counts(mistakes, harmless)),
        mistakes="\n".join(mistake_line(each) for each in mistakes),
        harmless="\n".join(f"| {each.name} | {each.imitates} | {each.outcome} |" for each in harmless),
        matters=MATTERS_PCT,
        sure=SURE_PCT,
    )


def counts(mistakes: Sequence[Result], harmless: Sequence[Result]) -> list[tuple[str, int, int]]:
    """What is counted, how many of how many."""
    that_matter = [each for each in mistakes if each.effect and each.effect.matters]
    failing = [each for each in mistakes if "a stage fails" in each.layers]
    moved = f"mistakes that move the error rate of a row by {MATTERS_PCT} points or more"
    by_statistics = sum("statistics" in each.layers for each in that_matter)
    narrowly = [each for each in that_matter if each.effect and abs(each.effect.shift_pct) < SURE_PCT]
    narrowly_by_statistics = sum("statistics" in each.layers for each in narrowly)
    by_either = sum(each.caught_without_exact for each in that_matter)
    return [
        ("mistakes caught, all layers on", sum(each.caught for each in mistakes), len(mistakes)),
        ("mistakes caught, exact layer off", sum(each.caught_without_exact for each in mistakes), len(mistakes)),
        (f"{moved}, caught by statistics alone", by_statistics, len(that_matter)),
        (f"of these, those that move it by less than {SURE_PCT} points", narrowly_by_statistics, len(narrowly)),
        (f"{moved}, caught with the exact layer off", by_either, len(that_matter)),
        ("mistakes that stop a stage, so that there is nothing to compare", len(failing), len(mistakes)),
        ("harmless changes that stay green", sum(not each.caught for each in harmless), len(harmless)),
    ]


def share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({100 * part / whole:.0f} %)" if whole else "")


def mistake_line(each: Result) -> str:
    """One line of the table of mistakes."""
    moved = ""
    if each.effect:
        row, shift, error = effect_cells(each.effect, "+")
        bold = "**" if each.effect.matters else ""
        moved = f"{bold}{shift} ± {error} ({row}){bold}"
    caught = ", ".join(each.layers) or "**missed**"
    return (
        f"| {each.name} | {each.imitates} | {caught} | {each.outcome} | {each.place} | {each.without_exact} | {moved} |"
    )


PAGE = """\
# What the regression gate catches

Every mistake of the catalogue, `regression/power/planted/`, planted in turn into a copy of the project that is as
committed otherwise; then the gate, as `make regression` runs it. Made by

    make regression-power

| | |
|---|--:|
{summary}

**Caught by** names every layer that objects by itself. **Exact layer off** is the verdict that another platform would
give. **Moves the error rate** is the difference from the project without a plant, of the row that it moves most, in
percentage points of the small experiment, with its standard error; {matters} points or more are in bold. The patterns
are held out from MNIST's training set; the test set is not opened. A difference below {sure} points is measured with
other seeds than those that the gate judges, so that their luck does not decide whether a mistake matters; a larger one
is no matter of luck, and is that of the judged networks.

## Mistakes

| plant | imitates | caught by | verdict | place | exact layer off | moves the error rate |
|---|---|---|---|---|---|---|
{mistakes}

## Harmless changes

| change | imitates | verdict |
|---|---|---|
{harmless}
"""
