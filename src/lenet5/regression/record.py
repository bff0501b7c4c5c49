"""What one run of the small experiment leaves for a comparison."""

from typing import Annotated

from pydantic import Field

from lenet5.blocks import Block

SCHEMA = 1
"""Raised when what a record says changes its meaning."""


class Record(Block):
    """Everything about a run but the correctness of its networks, example by example."""

    version: Annotated[int, Field(ge=1)]
    platform: dict[str, str]
    """What the bits of a result depend on, beside code, params and data."""
    data: str
    """A digest of the patterns that the run was given."""
    exact: dict[str, dict[str, str]]
    structure: dict[str, dict[str, str]]
    """Both `Facts`."""
