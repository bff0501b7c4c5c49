"""Random numbers as functions of what they are for, never of a global generator's state."""

import hashlib

from torch import Generator


def derived_seed(purpose: str, *parts: int) -> int:
    """A seed of 63 bits that `purpose` and `parts` determine; different parts give unrelated seeds."""
    text = ":".join([purpose, *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(purpose: str, *parts: int) -> Generator:
    """A torch generator that starts at `derived_seed`."""
    return Generator().manual_seed(derived_seed(purpose, *parts))
