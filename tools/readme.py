"""Writes the generated parts of README.md: the results table, the picture of the pipeline, and what was measured.

    python -m tools.readme

A test keeps README.md equal to what this would write.
"""

import re
import subprocess
from pathlib import Path

from benchmarks.page import reach
from benchmarks.records import Measurement, read
from benchmarks.summary import Book
from lenet5.report.tables import comparison_table

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def readme(current: str, comparison: str, of_1998: str, picture: str, measured: str) -> str:
    """`current` with its generated parts made anew: from the texts of both comparison.csv, the mermaid of the pipeline,
    and the table of what was measured."""
    with_results = replaced(current, "results", comparison_table(comparison))
    with_results = replaced(with_results, "results of 1998", comparison_table(of_1998))
    with_picture = replaced(with_results, "pipeline", f"```mermaid\n{picture.strip()}\n```\n")
    return replaced(with_picture, "speed", measured)


def replaced(text: str, part: str, content: str) -> str:
    """`text` with `content` between the two comments that mark `part`.

    Raises:
        ValueError: the comments are not there.
    """
    marked = re.compile(rf"(<!-- {part}: [^>]*-->\n).*?(<!-- end of {part} -->)", re.DOTALL)
    new, count = marked.subn(lambda match: f"{match[1]}{content}{match[2]}", text)
    if count != 1:
        raise ValueError(f"README.md must mark the part {part!r} once")
    return new


def pipeline_picture() -> str:
    """What `dvc dag --mermaid track` prints: dvc.yaml at the top, without that of the 1998 experiment."""
    command = ["dvc", "dag", "--mermaid", "track"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def expected() -> str:
    """README.md as it should be."""
    reports = (ROOT / "reports", ROOT / "reports" / "paper")
    comparison, of_1998 = ((folder / "comparison.csv").read_text(encoding="utf-8") for folder in reports)
    measured = reach(Book(read(ROOT / "reports" / "bench" / "measurements.csv", Measurement)))
    return readme(README.read_text(encoding="utf-8"), comparison, of_1998, pipeline_picture(), measured)


if __name__ == "__main__":
    README.write_text(expected(), encoding="utf-8")
