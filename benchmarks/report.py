"""Writes the page and the figures from what the csv files hold."""

from pathlib import Path

from benchmarks.records import Measurement, Operation, read
from pipeline.files import write_text, writing


def write_report(folder: Path) -> None:
    """README.md and the figures of `folder`, made from its measurements.csv and profile.csv.

    Raises:
        UserError: a file is not what the measurements leave.
    """
    # Late: what a process has in memory when it starts another one counts as the other's, too.
    from benchmarks import figures, page

    measurements = read(folder / "measurements.csv", Measurement)
    operations = read(folder / "profile.csv", Operation)
    for row, content in figures.drawn(measurements, operations).items():
        with writing(folder / page.FIGURES[row]) as temporary:
            temporary.write_bytes(content)
    write_text(folder / "README.md", page.page(measurements, operations))
