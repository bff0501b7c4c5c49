"""Smaller training sets, each in a file of its own, as `prepare` would write it.

`python -m benchmarks.parts PATTERNS VALIDATION` writes one.
"""

import subprocess
import sys
from pathlib import Path

from benchmarks.plan import ROOT, SCRATCH
from benchmarks.processes import plain_environment
from lenet5.errors import UserError
from pipeline.files import TRAINING_DATA


def first_patterns(patterns: int, validation: int = 0) -> Path:
    """A file with the first `patterns` of the training set, the last `validation` of them set aside.

    Raises:
        UserError: there is no training set.
    """
    if not (ROOT / TRAINING_DATA).exists():
        raise UserError(f"{TRAINING_DATA}: is missing; `dvc repro prepare` makes it")
    # Elsewhere: what this process has had in memory counts as that of the processes that it starts, too.
    command = [sys.executable, "-m", "benchmarks.parts", str(patterns), str(validation)]
    subprocess.run(command, cwd=ROOT, env=plain_environment(), check=True)
    return path_of(patterns, validation)


def path_of(patterns: int, validation: int) -> Path:
    return SCRATCH / f"first-{patterns}-{validation}.safetensors"


def write(patterns: int, validation: int) -> None:
    """Write the file."""
    import numpy as np
    from safetensors.numpy import load_file, save_file

    tensors = load_file(ROOT / TRAINING_DATA)
    part = {name: tensors[name][:patterns] for name in ("images", "labels")}
    part["train"], part["validation"] = np.split(np.arange(patterns, dtype=np.int64), [patterns - validation])
    SCRATCH.mkdir(parents=True, exist_ok=True)
    save_file(part, path_of(patterns, validation))


if __name__ == "__main__":
    write(int(sys.argv[1]), int(sys.argv[2]))
