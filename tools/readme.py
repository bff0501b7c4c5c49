"""Writes the generated parts of README.md: the results table and the picture of the pipeline.

    python tools/readme.py

A test keeps README.md equal to what this would write.
"""

import re
import subprocess
from pathlib import Path

from lenet5.report.tables import comparison_table

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def readme(current: str, comparison: str, picture: str) -> str:
    """`current` with its generated parts made anew, from the text of comparison.csv and the mermaid of the pipeline."""
    with_results = replaced(current, "results", comparison_table(comparison))
    return replaced(with_results, "pipeline", f"```mermaid\n{picture.strip()}\n```\n")


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
    """What `dvc dag --mermaid` prints."""
    return subprocess.run(["dvc", "dag", "--mermaid"], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def expected() -> str:
    """README.md as it should be."""
    comparison = (ROOT / "reports" / "comparison.csv").read_text(encoding="utf-8")
    return readme(README.read_text(encoding="utf-8"), comparison, pipeline_picture())


if __name__ == "__main__":
    README.write_text(expected(), encoding="utf-8")
