"""The small experiment: params.yaml, made small by profile.yaml."""

import math
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.blocks import Block, Name, Seed
from lenet5.errors import UserError
from lenet5.params import Params, first_complaint, parse_params
from regression.places import PROFILE, ROOT

Rest = Annotated[int, Field(ge=0, le=2)]


class Profile(Block):
    """profile.yaml: which patterns, which rows, and what changes in params.yaml."""

    training: Rest
    held_out: Rest
    rows: Annotated[list[Name], Field(min_length=1)]
    prepare: dict[str, Any]
    search: dict[str, Any]
    train: dict[str, Any]
    narrow: dict[str, list[float]]


def load_profile(path: Path = PROFILE) -> Profile:
    """Read and validate profile.yaml.

    Raises:
        UserError: it is missing, or not valid; one line that names the key.
    """
    try:
        return Profile.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise UserError(f"{path}: {first_complaint(error)}") from error
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error


def small_params(profile: Profile, reseeding: tuple[str, int] | None = None, path: Path | None = None) -> Params:
    """The params of the project as `profile` changes them; `reseeding`, a purpose and a number, gives other seeds.

    Raises:
        UserError: params.yaml is not valid, or does not have what the profile names.
    """
    path = path or ROOT / "params.yaml"
    content = read(path)
    parse_params(content, str(path))  # so that a complaint about the project's own params names them
    rows = content["train"]["rows"]
    if missing := [row for row in profile.rows if row not in rows]:
        raise UserError(f"{path}: train.rows: {missing[0]} is missing, which regression/profile.yaml names")
    content["prepare"] |= profile.prepare
    content["search"] |= profile.search | {"space": narrowed(content["search"]["space"], profile.narrow)}
    content["train"] |= profile.train | {"rows": {row: rows[row] for row in profile.rows}}
    if reseeding:
        reseed(content, *reseeding)
    return parse_params(content, f"{path} with regression/profile.yaml")


def read(path: Path) -> Any:
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error


def narrowed(space: dict[str, dict[str, Any]], parts: dict[str, list[float]]) -> dict[str, dict[str, Any]]:
    """`space` with the ranges that `parts` names cut down to that part of them."""
    return {name: narrow(dimension, parts[name]) if name in parts else dimension for name, dimension in space.items()}


def narrow(dimension: dict[str, Any], part: list[float]) -> dict[str, Any]:
    """The choices at the positions `part`, or the range from one share of it to the other."""
    if dimension["type"] == "categorical":
        return dimension | {"choices": [dimension["choices"][int(position)] for position in part]}
    low, high = dimension["low"], dimension["high"]
    if dimension.get("log"):
        ends = [low * math.exp(share * math.log(high / low)) for share in part]
    else:
        ends = [low + share * (high - low) for share in part]
    if dimension["type"] == "int":
        ends = [round(end) for end in ends]
    return dimension | {"low": ends[0], "high": ends[1]}


def reseed(content: Any, purpose: str, number: int) -> None:
    """Other seeds for all that has one: the split, the search, and each network."""
    # Late: it loads torch, which must find the arithmetic set.
    from lenet5.randomness import derived_seed

    def seed(of: str, *parts: int) -> Seed:
        return derived_seed(f"{purpose}: {of}", number, *parts) % 2**32

    content["prepare"]["seed"] = seed("prepare")
    content["search"]["seed"] = seed("search")
    content["train"]["seeds"] = [seed("train", position) for position in range(len(content["train"]["seeds"]))]
