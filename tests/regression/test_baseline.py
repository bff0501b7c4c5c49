"""What the repository keeps: written whole, read back, refused in one line if anything is wrong with it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet5.errors import UserError
from regression.baselines import (
    CORRECT,
    RECORD,
    RESEEDINGS,
    SUMS,
    parse_reseedings,
    read_baseline,
    reseedings_csv,
    write_baseline,
)
from regression.places import BASELINE
from tests.regression.made_baseline import ROWS, made_reseedings, made_run

FILES = (RECORD, CORRECT, RESEEDINGS, SUMS)
RATES = st.floats(0, 100, allow_subnormal=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_baseline(made_run(), made_reseedings(), tmp_path)
    return tmp_path


def signed_anew(folder: Path) -> None:
    """Make the sums fit, as someone who edits a baseline by hand might."""
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES[:-1]]
    (folder / SUMS).write_text("".join(sums))


def edit(folder: Path, name: str, change: Callable[[str], str]) -> None:
    text = (folder / name).read_text()
    assert change(text) != text
    (folder / name).write_text(change(text))
    signed_anew(folder)


def test_what_is_written_is_read_back(folder: Path) -> None:
    found, written = read_baseline(folder), made_run()
    assert found.run.record == written.record
    assert all(np.array_equal(found.run.correct[row], written.correct[row]) for row in ROWS)
    assert {row: values.shape for row, values in found.reseedings.items()} == {row: (10, 3) for row in ROWS}


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(UserError, match=rf"{name}: is missing; `git checkout` it, or make one: `python -m regression"):
        read_baseline(folder)


@pytest.mark.parametrize("name", FILES[:-1])
@pytest.mark.parametrize("at", [0.0, 0.3, 0.999])
def test_one_changed_byte_is_noticed(folder: Path, name: str, at: float) -> None:
    content = bytearray((folder / name).read_bytes())
    content[int(at * len(content))] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=r"^\S+ ?.*: (is damaged|has schema)") as error:
        read_baseline(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", FILES)
def test_half_a_file_is_noticed(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="is damaged") as error:
        read_baseline(folder)
    assert "\n" not in str(error.value)


def test_another_schema_is_no_damage(folder: Path) -> None:
    edit(folder, RECORD, lambda text: text.replace('"version": 1', '"version": 2, "of the future": {}'))
    with pytest.raises(UserError, match=r"record.json: has schema 2, this gate reads 1; make it anew"):
        read_baseline(folder)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (RECORD, lambda text: text.replace('"data"', '"date"'), "date: no such key"),
        (RECORD, lambda text: text.replace('"0123456789abcdef"', "12"), "data: "),
        (RECORD, lambda text: "[]", "no record of a run"),
        (RESEEDINGS, lambda text: text.replace("error_pct", "error"), "columns must be reseeding,row,error_pct"),
        (RESEEDINGS, lambda text: text.rpartition("\n")[0].rpartition("\n")[0] + "\n", "inhomogeneous"),
        (RESEEDINGS, lambda text: text.replace("1,lenet5,", "1,lenet5,nan", 1), "could not convert"),
        (RESEEDINGS, lambda text: text + "10,lenet5-dist,nan\n", "inhomogeneous"),
        (RESEEDINGS, lambda text: text.replace("lenet5-dist", "other"), "not of the same rows"),
    ],
)
def test_what_does_not_belong_there_is_refused(
    folder: Path, name: str, change: Callable[[str], str], said: str
) -> None:
    edit(folder, name, change)
    with pytest.raises(UserError, match=rf"is damaged \(.*{said}") as error:
        read_baseline(folder)
    assert "\n" not in str(error.value)


def test_the_folder_of_the_project_can_be_read() -> None:
    found = read_baseline(BASELINE)
    assert found.run.examples == 20_000
    assert found.run.record.exact["train"]


@given(
    st.dictionaries(
        st.integers(1, 999),
        st.fixed_dictionaries({row: st.lists(RATES, min_size=3, max_size=3) for row in ROWS}),
        min_size=1,
    )
)
def test_rates_are_kept_to_the_last_bit(errors: dict[int, dict[str, list[float]]]) -> None:
    found = parse_reseedings(reseedings_csv(errors))
    assert {row: values.tolist() for row, values in found.items()} == {
        row: [rows[row] for rows in errors.values()] for row in ROWS
    }
