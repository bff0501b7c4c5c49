"""The hashes of files as DVC knows them: what a result was made from, and which file it is."""

import hashlib
from functools import reduce
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.errors import UserError

LOCK = Path("dvc.lock")


def read_lock(path: Path = LOCK) -> dict[str, Any]:
    """The stages that dvc.lock records; none if the stages were run without DVC.

    DVC writes it after every stage: in a stage, it says of those before what this very run made.

    Raises:
        UserError: the file is not what DVC writes.
    """
    if not path.exists():
        return {}
    try:
        stages: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["stages"]
    except (YAMLError, UnicodeDecodeError, TypeError, KeyError) as error:
        raise UserError(f"{path}: is not what DVC writes; `git checkout {path}` brings back the last one") from error
    return stages


def refuse_stale(lock: dict[str, Any], params_file: Path = Path("params.yaml")) -> None:
    """Make sure that the results were made with the params of today; else runs would claim params they never had.

    Raises:
        UserError: a value was changed after the stage that it belongs to had run.
    """
    params = YAML(typ="safe").load(params_file.read_text(encoding="utf-8"))
    for stage, entry in lock.items():
        made_with = entry.get("params", {}).get(str(params_file), {}) if stage != "track" else {}
        for key, value in made_with.items():
            if reduce(lambda block, name: block.get(name, {}), key.split("."), params) != value:
                raise UserError(f"{params_file}: {key} was changed since {stage} ran; `dvc repro` brings it up to date")


def input_tags(lock: dict[str, Any], stage: str) -> dict[str, str]:
    """`dvc.in.<path>: <md5>` for all that the stage was made from; empty if the lock does not know it."""
    return {f"dvc.in.{entry['path']}": entry["md5"] for entry in lock.get(stage, {}).get("deps", []) if "md5" in entry}


def output_tags(*paths: Path) -> dict[str, str]:
    """`dvc.out.<path>: <md5>` for the files that hold a result, which DVC may know as part of a folder only."""
    return {f"dvc.out.{path}": file_md5(path) for path in paths}


def recorded_md5(lock: dict[str, Any], path: Path) -> str:
    """The MD5 of a big file: from the lock if it is there, which saves reading the file."""
    entries = [entry for stage in lock.values() for entry in stage.get("outs", [])]
    return next((entry["md5"] for entry in entries if entry["path"] == str(path)), None) or file_md5(path)


def file_md5(path: Path) -> str:
    """The MD5 that DVC gives the file.

    Raises:
        UserError: it is missing.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except FileNotFoundError as error:
        raise UserError(f"{path}: is missing; `dvc repro` makes it") from error
