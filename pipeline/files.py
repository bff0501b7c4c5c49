"""Where the stages keep things, and how they write: whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RAW = Path("data/raw")
TRAINING_DATA = Path("data/prepared/training.safetensors")
TEST_DATA = Path("data/prepared/test.safetensors")
STUDY = Path("reports/study")
BEST = STUDY / "best.yaml"
TRIALS = STUDY / "trials.csv"
MODELS = Path("models")
PREDICTIONS = Path("reports/predictions")
METRICS = Path("reports/metrics.json")
COMPARISON_CSV = Path("reports/comparison.csv")
COMPARISON_MD = Path("reports/comparison.md")
FIGURES = Path("reports/figures")
JOB_CACHE = Path(".cache/jobs")


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the final name only if the block ends without an exception."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder: what `path` held before is replaced as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        shutil.rmtree(path, ignore_errors=True)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all; UTF-8, newlines as they are."""
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
