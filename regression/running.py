"""Runs the small experiment in a process and a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from lenet5 import numerics
from lenet5.errors import UserError
from lenet5.regression.record import Record
from regression.places import ROOT, SCRATCH, scratch_folder

LOG = SCRATCH / "stages.log"
MARK = "regression: "
"""Before each line in the log that names a stage, and the last one of a run that cannot be done."""


@dataclass(frozen=True)
class Run:
    """What the small experiment gave: the record as it stands in its file, and the correctness of its networks."""

    record: Record
    record_text: str
    correct: dict[str, NDArray[np.uint8]]
    """By row, [seeds, examples / 8]: eight examples a byte."""

    @property
    def examples(self) -> int:
        return int(8 * next(iter(self.correct.values())).shape[1])


def run_small_experiment() -> Run:
    """Run the stages with the working tree's code and params.

    Raises:
        UserError: a stage fails; the line names it and says where the log is.
    """
    with scratch_folder() as folder:
        codes = ended([start(["regression.stages"], folder, LOG)])
        if codes[0]:
            raise UserError(failure(LOG, codes[0]))
        text = (folder / "record.json").read_text(encoding="utf-8")
        return Run(Record.model_validate_json(text), text, load_file(folder / "correct.safetensors"))


def start(module: Sequence[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start `python -m MODULE ARGUMENT ...` in `folder`, with the working tree's code; what it says goes to `log`."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *module], cwd=folder, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )


def ended(processes: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    """Wait for all of them: their exit codes. If this process is to stop meanwhile, so are they."""
    try:
        return [process.wait() for process in processes]
    except BaseException:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
        raise


def environment() -> dict[str, str]:
    """The user's, without arithmetic, which params.yaml sets; the code is the working tree's, from any folder."""
    arithmetic = numerics.environment("portable")
    kept = {name: value for name, value in os.environ.items() if name not in arithmetic}
    if data := kept.get("LENET5_DATA"):
        kept["LENET5_DATA"] = str(Path(data).resolve())
    others = [str(Path(path).resolve()) for path in kept.get("PYTHONPATH", "").split(os.pathsep) if path]
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), *others])}


def failure(log: Path, code: int) -> str:
    """What the log says of a run that ended with `code`: the stage, and the last line."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    said = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    stage = next((line for line in reversed(said) if " " not in line), "start")
    last = lines[-1].removeprefix(MARK) if lines else "it said nothing"
    return f"{stage}: ended with {code}: {last} (all that was said: {shown(log)})"


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
