"""How loops over single numbers are compiled: by Numba, when they are first called.

The compiler may reorder and fuse floating-point sums ("reassoc", "contract"), the processor may not: the same machine
code, and so the same bits, runs wherever `numerics` fixes what it is made for.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numba

OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz"}}


def compiled(function: Any) -> Any:
    """Compile `function`, and keep its machine code beside its source for the next process.

    It may call only `inlined` functions, of its own file: `compiled_with` is for others.
    """
    return numba.njit(cache=True, **OPTIONS)(function)


def compiled_with(*modules: ModuleType) -> Callable[[Any], Any]:
    """The same for a function that also calls `inlined` functions, or uses constants, of `modules`.

    Numba voids what it kept when the function's own file changes, not when others do (numba/numba#8851): here their
    content is a part of the stamp that it compares.
    """

    def compile_and_stamp(function: Any) -> Any:
        dispatcher = compiled(function)
        index = dispatcher._cache._cache_file
        index._source_stamp = (index._source_stamp, *(digest(Path(str(module.__file__))) for module in modules))
        return dispatcher

    return compile_and_stamp


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def inlined(function: Any) -> Any:
    """Make `function` a part of each function that calls it.

    A call that stayed one would reach the callee as compiled for itself where it was compiled just now, but as
    compiled with its caller where the caller was kept: sums in another order, and other bits.
    """
    return numba.njit(forceinline=True, **OPTIONS)(function)
