"""What the 1998 paper printed, from `published.yaml` beside this file: the one place with the paper's numbers."""

from functools import cache
from typing import Annotated, Self

from pydantic import Field, model_validator

from lenet5.blocks import Block, Name
from lenet5.errors import UserError
from lenet5.paper.reading import parse_yaml, text_of

Percent = Annotated[float, Field(ge=0, le=100)]
Text = Annotated[str, Field(min_length=1)]


class Citation(Block):
    """The paper as a bibliography lists it."""

    authors: Annotated[tuple[Text, ...], Field(min_length=1)]
    title: Text
    journal: Text
    volume: int
    number: int
    pages: Text
    month: Text
    year: int
    doi: Text


class Uncertainty(Block):
    """The one figure that the paper gives for the uncertainty of all its error rates."""

    pct: Annotated[float, Field(gt=0, le=100)]
    source: Text


class PublishedResult(Block):
    """A bar of Fig. 9: the error rate on the test set in percent, where it stands, and what contradicts it."""

    label: Text
    error_pct: Percent
    source: Text
    remark: str = ""


class TrainingCurves(Block):
    """Errors in percent after each pass over the training set, read off a figure to within `reading_error_pct`."""

    result: Name
    source: Text
    digitised: bool
    reading_error_pct: Percent
    passes: Annotated[tuple[int, ...], Field(min_length=1)]
    test_error_pct: tuple[Percent, ...]
    train_error_pct: tuple[Percent, ...]

    @model_validator(mode="after")
    def one_point_a_pass(self) -> Self:
        if not len(self.passes) == len(self.test_error_pct) == len(self.train_error_pct):
            raise ValueError("passes, test_error_pct and train_error_pct must have the same length")
        return self


class Published(Block):
    """The whole of published.yaml."""

    citation: Citation
    uncertainty: Uncertainty
    results: Annotated[dict[Name, PublishedResult], Field(min_length=1)]
    training_curves: TrainingCurves

    @model_validator(mode="after")
    def curves_belong_to_a_result(self) -> Self:
        if self.training_curves.result not in self.results:
            raise ValueError(f"training_curves.result: {self.training_curves.result!r} is not in results")
        return self

    def result(self, key: str, origin: str = "paper") -> PublishedResult:
        """The published result named `key`; `origin` is the name of the setting that asks for it, for the message.

        Raises:
            UserError: there is no such result; the line names those there are.
        """
        if key not in self.results:
            raise UserError(f"{origin}: no published result is called {key!r}; there are {', '.join(self.results)}")
        return self.results[key]


@cache
def load_published() -> Published:
    """Read and validate published.yaml.

    Raises:
        UserError: the file is not valid; the line names the first bad key.
    """
    return parse_published(text_of("published.yaml"))


def parse_published(text: str) -> Published:
    """Validate the text of published.yaml.

    Raises:
        UserError: the text is not YAML, or a key is unknown, missing, of a wrong type or out of range.
    """
    return parse_yaml(text, "published.yaml", Published)
