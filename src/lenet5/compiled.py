"""How loops over single numbers are compiled: by Numba, when they are first called.

The compiler may reorder and fuse floating-point sums ("reassoc", "contract"), the processor may not: the same machine
code, and so the same bits, runs wherever `numerics` fixes what it is made for.
"""

from typing import Any

import numba

OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz"}}


def compiled(function: Any) -> Any:
    """Compile `function`, and keep its machine code beside its source for the next process.

    What is kept becomes void when the function's file changes, but not when another file does whose functions it calls
    (numba/numba#8851): so it must call none of another file, and only `inlined` ones.
    """
    return numba.njit(cache=True, **OPTIONS)(function)


def inlined(function: Any) -> Any:
    """Make `function` a part of each function that calls it.

    A call that stayed one would reach the callee as compiled for itself where it was compiled just now, but as
    compiled with its caller where the caller was kept: sums in another order, and other bits.
    """
    return numba.njit(forceinline=True, **OPTIONS)(function)
