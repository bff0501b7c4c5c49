"""Processes that are measured: contestants that wait for their turn, and commands that are timed from start to end."""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.plan import ROOT, SCRATCH
from lenet5 import numerics
from lenet5.errors import UserError

MAXRSS_UNITS_IN_A_MIB = 2**20 if sys.platform == "darwin" else 2**10


@dataclass(frozen=True)
class Turn:
    """What one turn took."""

    seconds: float
    size: int
    peak_mib: float


def plain_environment() -> dict[str, str]:
    """The environment without any setting of arithmetic or of this project, and without a GPU; the code is this
    checkout's."""
    settings = {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "CUDA_VISIBLE_DEVICES": ""}
    arithmetic = numerics.environment("portable")
    kept = {
        name: value for name, value in os.environ.items() if name not in arithmetic and not name.startswith("LENET5_")
    }
    return kept | settings


def shown(command: Sequence[str], **settings: str) -> str:
    """A command as a person would type it."""
    words = ["python" if word == sys.executable else word for word in command]
    return " ".join([*(f"{name}={value}" for name, value in settings.items()), shlex.join(words)])


class Contestant:
    """A process of `python -m benchmarks.contestants`, which waits between its turns."""

    def __init__(self, name: str, arguments: str, environment: Mapping[str, str]) -> None:
        self.name, self.command = name, [sys.executable, "-m", "benchmarks.contestants", *arguments.split()]
        SCRATCH.mkdir(parents=True, exist_ok=True)
        self.log = SCRATCH / f"{name.replace(' ', '-')}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def turn(self) -> Turn:
        """Let it work once.

        Raises:
            UserError: it has ended.
        """
        assert self.process.stdin
        with suppress(BrokenPipeError):  # the answer will be missing
            print(file=self.process.stdin, flush=True)
        return Turn(**json.loads(self.answer()))

    def answer(self) -> str:
        """The next line that it says.

        Raises:
            UserError: it has ended.
        """
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise UserError(f"{shown(self.command)}: {end_of(self.process.wait(), self.log)}")
        return line

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


def end_of(code: int, log: Path) -> str:
    """How a process ended, and the last thing that it said."""
    said = log.read_text(errors="replace").strip().splitlines()
    return f"ended with {code}: {said[-1] if said else 'it said nothing'}"


@contextmanager
def contestants(wanted: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[list[Contestant]]:
    """Processes by name and arguments, all ready for their first turn; they end with the block."""
    with ExitStack() as stack:
        started = []
        for name, arguments in wanted.items():
            started.append(Contestant(name, arguments, environment))
            stack.callback(started[-1].close)
        for contestant in started:
            contestant.answer()
        yield started


def timed(command: Sequence[str], folder: Path, environment: Mapping[str, str], size: int = 1) -> Turn:
    """Run a command to its end.

    Raises:
        UserError: it fails; the line has the last thing that it said.
    """
    SCRATCH.mkdir(parents=True, exist_ok=True)
    log = SCRATCH / "command.log"
    with log.open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=output, stderr=output)
        try:
            # Not process.wait: only wait4 tells the memory, here of the largest among the process and its children.
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise UserError(f"{shown(command)}: {end_of(process.returncode, log)}")
    return Turn(seconds, size, used.ru_maxrss / MAXRSS_UNITS_IN_A_MIB)
