"""How the data files of this package are read: YAML into validated blocks, CSV into columns."""

import csv
import json
from importlib import resources
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.blocks import Block
from lenet5.errors import UserError
from lenet5.params import first_complaint

Read = TypeVar("Read", bound=Block)


def text_of(name: str) -> str:
    """The text of a data file of this package."""
    return resources.files("lenet5.paper").joinpath(name).read_text(encoding="utf-8")


def parse_yaml(text: str, name: str, kind: type[Read]) -> Read:
    """The text of the file `name` as a `kind`.

    Raises:
        UserError: the text is not YAML, or a key is unknown, missing, of a wrong type or out of range.
    """
    try:
        content: Any = YAML(typ="safe").load(text)
        # JSON mode, as for params.yaml: strict about types, yet a YAML list may become a tuple.
        return kind.model_validate_json(json.dumps(content, default=str))
    except YAMLError as error:
        raise UserError(f"{name}: not valid YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise UserError(f"{name}: {first_complaint(error)}") from error


def columns_of(name: str) -> dict[str, list[str]]:
    """The columns of a CSV of this package, by name, as text."""
    header, *lines = csv.reader(text_of(name).splitlines())
    return {column: list(values) for column, values in zip(header, zip(*lines, strict=True), strict=True)}
