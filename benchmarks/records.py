"""Measurements, one a line of a csv, and the file that keeps them: a row that is measured again replaces itself."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from lenet5.errors import UserError
from pipeline.files import write_text

Record = TypeVar("Record")


@dataclass(frozen=True)
class Measurement:
    """One turn of one contestant."""

    row: str
    """The subject: what `python -m benchmarks ROW` measures."""
    case: str
    contestant: str
    repeat: int
    """Turns with the same number were taken one after the other, so that their ratio means something."""
    seconds: float
    size: int
    """How much was done, in `unit`."""
    unit: str
    peak_mib: float
    """The most memory of the process, or of the largest of them; 0: not measured."""
    command: str
    machine: str


@dataclass(frozen=True)
class Operation:
    """What one kind of operation takes of a training step."""

    contestant: str
    name: str
    calls_per_step: float
    microseconds_per_step: float


def to_csv(records: Sequence[Measurement] | Sequence[Operation], kind: type[Any]) -> str:
    """The header and a line for each record of `kind`."""
    text = io.StringIO()
    lines = csv.DictWriter(text, [field.name for field in fields(kind)], lineterminator="\n")
    lines.writeheader()
    lines.writerows(asdict(record) for record in records)
    return text.getvalue()


def read(path: Path, kind: type[Record]) -> list[Record]:
    """The records of `kind` in a file; none if there is no file yet.

    Raises:
        UserError: the file is not what `to_csv` gives.
    """
    if not path.exists():
        return []
    types = get_type_hints(kind)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [kind(**{name: types[name](text) for name, text in line.items()}) for line in csv.DictReader(file)]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: is not what `make bench` writes ({error}); delete it and measure again") from error


def replace_row(path: Path, row: str, found: Sequence[Measurement], order: Sequence[str]) -> None:
    """Put what was `found` for `row` in the place of what the file held for it; rows stand in `order`."""
    kept = [each for each in read(path, Measurement) if each.row != row and each.row in order]
    everything = sorted([*kept, *found], key=lambda each: order.index(each.row))
    write_text(path, to_csv(everything, Measurement))
