"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def description() -> str:
    """Processor, cores, Python and torch; no name of the machine."""
    return f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, torch {version('torch')}"


def processor() -> str:
    """The model that Linux names, else the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
