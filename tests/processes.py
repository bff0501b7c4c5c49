"""Which processes there are, from /proc."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def parent_of(process: int) -> int | None:
    """The parent of a process that runs; None if it has ended, be it that nobody has asked for its exit code."""
    try:
        # The name, in parentheses, may hold anything.
        state, parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else int(parent)


def workers_of(process: int) -> list[int]:
    """The processes that `process` has spawned to work for it."""
    return [child for child in children_of(process) if "spawn_main" in command_of(child)]


def children_of(process: int) -> list[int]:
    """The processes that `process` has started itself and that run."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and parent_of(int(name)) == process]


def command_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def wait_until(condition: Callable[[], bool], patience_s: float = 60) -> bool:
    """Whether `condition` came true in time."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
