"""That something ends of itself, however busy the machine is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SOON_S = 60
"""Much longer than any of it takes, and much shorter than the waits that it must not fall into."""


@contextmanager
def soon() -> Iterator[None]:
    """The block, which must end long before a server that stalls or answers late would let it."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < SOON_S
