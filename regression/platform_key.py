"""What the bits of a result depend on beside code, params and data: arithmetic, kind of processor, libraries."""

import platform
from importlib.metadata import version

import torch

LIBRARIES = ("torch", "numpy", "numba", "llvmlite", "pytorch-lightning", "optuna", "scipy", "scikit-learn")


def platform_key(numerics_mode: str) -> dict[str, str]:
    """By name: system, architecture, instruction set that torch uses, `numerics`, and the versions of the libraries.

    Two machines with the same key give the same bits; nothing else of a machine matters, its make included.
    """
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "numerics": numerics_mode,
        # Without the `+cpu` that marks a build.
        **{library: version(library).partition("+")[0] for library in LIBRARIES},
    }
