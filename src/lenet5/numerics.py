"""The arithmetic that results depend on, set before torch, numpy and numba load.

`portable` pins every library to AVX2 code that does not depend on the processor's make; `native` lets each take the
best it finds. Both use one thread: a second one changes the order of sums, and with it the bits
(pytorch/pytorch#88718).
"""

import os
import platform
import sys
from typing import Literal

Mode = Literal["portable", "native"]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PORTABLE = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    # Not AVX2: with it MKL still chooses by vendor, and Intel and AMD differ.
    "MKL_CBWR": "COMPATIBLE",
    "OPENBLAS_CORETYPE": "Haswell",
    # numpy's log and exp differ in the last bit between AVX2 and AVX-512; Optuna's sampler uses them.
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
if platform.machine() in ("x86_64", "AMD64"):
    # What Numba compiles for; without features of its own it would add those of the processor at hand.
    PORTABLE |= {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"}


def environment(mode: Mode) -> dict[str, str]:
    """The environment variables that `mode` stands for; child processes inherit them."""
    return ONE_THREAD | (PORTABLE if mode == "portable" else {})


def set_up(mode: Mode) -> None:
    """Set the process to `mode`.

    Raises:
        RuntimeError: torch, numpy or numba is loaded already, so that the setting would come too late.
    """
    wanted = environment(mode)
    if all(os.environ.get(name) == value for name, value in wanted.items()):
        return
    too_early = [name for name in ("torch", "numpy", "numba") if name in sys.modules]
    if too_early:
        raise RuntimeError(f"numerics must be set before {' and '.join(too_early)} is imported")
    os.environ.update(wanted)


def is_portable() -> bool:
    """Whether this process was set to `portable`; then only the CPU may compute."""
    return all(os.environ.get(name) == value for name, value in environment("portable").items())
