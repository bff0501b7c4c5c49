"""How loops over single numbers are compiled: by Numba, when they are first called."""

from typing import Any

import numba


def compiled(function: Any) -> Any:
    """Compile `function`, and keep its machine code beside its source for the next process.

    The compiler may reorder and fuse floating-point sums ("reassoc", "contract"), the processor may not: the same
    machine code, and so the same bits, runs wherever `numerics` fixes what it is made for. What is kept becomes void
    when the function's file changes, but not when another file does whose functions it calls (numba/numba#8851): so it
    must call none of another file.
    """
    return numba.njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})(function)
