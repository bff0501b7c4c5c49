"""What the repository keeps of the small experiment: one run, and the error rates of honest re-seedings of it."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lenet5.errors import UserError
from lenet5.params import first_complaint
from lenet5.regression.record import SCHEMA, Record
from pipeline.files import write_text, writing
from regression.places import BASELINE
from regression.running import Run, shown

RECORD, CORRECT, RESEEDINGS, SUMS, HISTORY = (
    "record.json",
    "correct.safetensors",
    "reseedings.csv",
    "SHA256SUMS",
    "HISTORY.md",
)
COLUMNS = ["reseeding", "row", "error_pct"]
ErrorRates = dict[str, NDArray[np.float64]]
"""By row, [re-seedings, seeds], in percent."""


@dataclass(frozen=True)
class Baseline:
    run: Run
    reseedings: ErrorRates


def read_baseline(folder: Path = BASELINE) -> Baseline:
    """Read what the repository keeps.

    Raises:
        UserError: a file is missing, damaged, or of another schema than this gate's.
    """
    contents = {name: read(folder / name) for name in (RECORD, CORRECT, RESEEDINGS, SUMS)}
    refuse_other_schema(folder / RECORD, contents[RECORD])
    for line in contents[SUMS].decode(errors="replace").splitlines():
        expected, _, name = line.partition("  ")
        if name not in contents or hashlib.sha256(contents[name]).hexdigest() != expected:
            raise damaged(folder / name, f"its SHA-256 is not the one in {SUMS}")
    try:
        text = contents[RECORD].decode()
        run = Run(Record.model_validate_json(text), text, load(contents[CORRECT]))
        reseedings = parse_reseedings(contents[RESEEDINGS].decode())
    except ValidationError as error:
        raise damaged(folder / RECORD, first_complaint(error)) from error
    except (SafetensorError, UnicodeDecodeError, KeyError, ValueError) as error:
        raise damaged(folder, str(error)) from error
    if not list(run.correct) or sorted(run.correct) != sorted(reseedings):
        raise damaged(folder, f"{CORRECT} and {RESEEDINGS} are not of the same rows")
    return Baseline(run, reseedings)


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{shown(path)}: is missing; `git checkout` it, or make one: `{UPDATE}`") from error


UPDATE = 'python -m regression update --why "..."'


def damaged(path: Path, why: str) -> UserError:
    return UserError(f"{shown(path)}: is damaged ({' '.join(why.split())}); `git checkout` it, or `{UPDATE}`")


def refuse_other_schema(path: Path, content: bytes) -> None:
    """Only the version: what else a record of another schema says is not known here."""
    try:
        version = json.loads(content)["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"no record of a run: {error}") from error
    if version != SCHEMA:
        raise UserError(f"{shown(path)}: has schema {version}, this gate reads {SCHEMA}; make it anew: `{UPDATE}`")


def parse_reseedings(text: str) -> ErrorRates:
    """The error rates in a csv of `COLUMNS`: one line for each network.

    Raises:
        ValueError: the lines are not the same number of networks for each re-seeding and row.
    """
    lines = csv.DictReader(io.StringIO(text))
    if lines.fieldnames != COLUMNS:
        raise ValueError(f"{RESEEDINGS}: columns must be {','.join(COLUMNS)}")
    found: dict[str, dict[int, list[float]]] = {}
    for line in lines:
        found.setdefault(line["row"], {}).setdefault(int(line["reseeding"]), []).append(float(line["error_pct"]))
    rates = {row: np.array([*runs.values()], dtype=np.float64) for row, runs in found.items()}
    if not all(np.isfinite(values).all() for values in rates.values()):
        raise ValueError(f"{RESEEDINGS}: every error rate must be finite")
    return rates


def reseedings_csv(errors: Mapping[int, Mapping[str, Sequence[float]]]) -> str:
    """One line for each network; the inverse of `parse_reseedings`."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for number, rows in errors.items():
        lines.writerows([number, row, repr(float(each))] for row, values in rows.items() for each in values)
    return text.getvalue()


def write_baseline(run: Run, reseedings: str, folder: Path = BASELINE) -> None:
    """Replace what the repository keeps, but for its history; the sums come last, so that a half is noticed."""
    contents = {RECORD: run.record_text.encode(), CORRECT: save(run.correct), RESEEDINGS: reseedings.encode()}
    for name, content in contents.items():
        with writing(folder / name) as temporary:
            temporary.write_bytes(content)
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items()]
    write_text(folder / SUMS, "".join(sums))
