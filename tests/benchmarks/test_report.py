"""The files of the report: the page says what the csv says, and a row that is measured again replaces itself alone."""

from pathlib import Path

import pytest

from benchmarks.page import number, page
from benchmarks.records import Measurement, Operation, read, replace_row, to_csv
from benchmarks.registry import ROWS
from benchmarks.report import write_report
from lenet5.errors import UserError
from tests.benchmarks.made_measurements import EPOCHS, GROWTH, OPERATIONS, turn

ORDER = tuple(ROWS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a run leaves, before the page is made."""
    (tmp_path / "measurements.csv").write_text(to_csv([*EPOCHS, *GROWTH], Measurement))
    (tmp_path / "profile.csv").write_text(to_csv(OPERATIONS, Operation))
    return tmp_path


def test_records_come_back_from_the_file(folder: Path) -> None:
    assert read(folder / "measurements.csv", Measurement) == [*EPOCHS, *GROWTH]
    assert read(folder / "profile.csv", Operation) == OPERATIONS
    assert read(folder / "none.csv", Measurement) == []


def test_page_and_figures_are_made_from_the_files_alone(folder: Path) -> None:
    write_report(folder)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {"README.md", "epoch.png", "growth-examples.png", "profile.png"} < first.keys()
    write_report(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_page_says_each_figure_with_the_command_that_made_it(folder: Path) -> None:
    write_report(folder)
    text = (folder / "README.md").read_text()
    ours = next(line for line in text.splitlines() if line.startswith("| ours portable"))
    assert ours.split(" | ")[1:] == [
        "2.00 (2.00 to 4.00)", "1000", "500", "4.00 (4.00 to 4.00)", "3.00 (3.00 to 3.00)", "300",
        "50.0 (25.0 to 50.0) |",
    ]  # fmt: skip
    assert "| a training step against the bare loop, same arithmetic | at least 2 times as fast | 3.00" in text
    assert "python -m benchmarks.contestants ours portable" in text
    assert "no GPU at hand" in text
    assert "| aten::tanh | 6.00 | 700 | 70.0 |" in text


def test_a_row_replaces_itself_alone(folder: Path) -> None:
    path = folder / "measurements.csv"
    again = [turn("epoch", "ours portable", 1, 1.5)]
    replace_row(path, "epoch", again, ORDER)
    assert read(path, Measurement) == [*again, *GROWTH]


def test_rows_stand_in_the_order_of_the_report(tmp_path: Path) -> None:
    path = tmp_path / "measurements.csv"
    replace_row(path, "growth-examples", GROWTH, ORDER)
    replace_row(path, "epoch", EPOCHS, ORDER)
    assert read(path, Measurement) == [*EPOCHS, *GROWTH]


def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "measurements.csv").write_text("row,case\nepoch,batch 128\n")
    with pytest.raises(UserError, match=r"measurements\.csv: is not what `make bench` writes"):
        read(tmp_path / "measurements.csv", Measurement)


def test_nothing_measured_is_said() -> None:
    text = page([], [])
    assert text.count("*not measured*") == len(ROWS)  # the GPU's row says that there is none; the profile is one more
    assert "*no GPU at hand, or not measured*" in text


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1,234"), (99.96, "100.0"), (2, "2.00"), (0.01234, "0.012")])
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text
