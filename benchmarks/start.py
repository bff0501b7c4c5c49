"""`python -m benchmarks.start STAGE`: start a stage as `python -m pipeline STAGE` does, and say when it would begin its
work [s of the system's monotonic clock] and the memory until then [MiB]."""

import importlib
import resource
import sys
import time
from types import ModuleType

from benchmarks.processes import MAXRSS_UNITS_IN_A_MIB
from pipeline.__main__ import main

import_module = importlib.import_module


def without_work(name: str, package: str | None = None) -> ModuleType:
    """The module, its `main` replaced by one that says the time."""
    module = import_module(name, package)
    if name.startswith("pipeline."):
        setattr(module, "main", say_time)  # noqa: B010  # mypy: a module has no such attribute
    return module


def say_time(*_params_and_settings: object) -> None:
    now = time.monotonic()
    print(now, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_UNITS_IN_A_MIB)


if __name__ == "__main__":
    importlib.import_module = without_work
    sys.exit(main(sys.argv[1:]))
