"""Where the gate keeps things."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRATCH = ROOT / ".cache" / "regression"
"""Where the small pipeline runs, and what it said."""
PROFILE = Path(__file__).with_name("profile.yaml")
BASELINE = Path(__file__).with_name("baseline")
REPORTS = ROOT / "reports" / "regression"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder below .cache/regression, which goes with the block."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=SCRATCH))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
