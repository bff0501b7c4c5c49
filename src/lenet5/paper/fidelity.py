"""The stated facts of the experiment, from fidelity.yaml beside this file."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lenet5.blocks import Block
from lenet5.paper.published import Text
from lenet5.paper.reading import parse_yaml, text_of

Status = Literal["as in the paper", "deviation", "open"]
Place = Annotated[str, Field(pattern=r"^[\w./-]+::[\w.]+$")]
"""A file from the root of the repository, and a function, class, constant or key in it."""


class Fact(Block):
    """One stated fact, what is done here, in which places, and the tests that hold it."""

    fact: Text
    source: Text
    here: Text
    code: Annotated[tuple[Place, ...], Field(min_length=1)]
    tests: Annotated[tuple[Place, ...], Field(min_length=1)]
    status: Status
    why: str = ""
    convention: str = ""
    """The choice that decides it, by its name in chosen.yaml."""
    stated: str | float | None = None
    """The value of the convention that the paper states."""

    @model_validator(mode="after")
    def told_why(self) -> Self:
        if self.status != "as in the paper" and not self.why:
            raise ValueError(f"why: a status {self.status!r} needs a reason")
        if self.stated is not None and not self.convention:
            raise ValueError("stated: there is no convention that it could be the value of")
        return self

    def status_with(self, conventions: Mapping[str, object]) -> Status:
        """The status under the chosen `conventions`."""
        if self.stated is None:
            return self.status
        return "as in the paper" if conventions.get(self.convention) == self.stated else "deviation"


class Fidelity(Block):
    """The whole of fidelity.yaml."""

    sections: Annotated[dict[Text, tuple[Fact, ...]], Field(min_length=1)]

    @property
    def facts(self) -> list[Fact]:
        return [fact for facts in self.sections.values() for fact in facts]


@cache
def load_fidelity() -> Fidelity:
    """Read and validate fidelity.yaml.

    Raises:
        UserError: the file is not valid; the line names the first bad key.
    """
    return parse_yaml(text_of("fidelity.yaml"), "fidelity.yaml", Fidelity)
