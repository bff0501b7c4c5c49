"""Copies of the working tree as repositories of their own, to run stages and DVC in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.plan import ROOT, SCRATCH
from benchmarks.processes import Turn, plain_environment, timed
from lenet5.errors import UserError
from pipeline.files import RAW, TRAINING_DATA

INPUTS = ("src/", "pipeline/", "dvc.yaml", "params.yaml")
"""What a kept copy must have in common with the working tree."""
REPRODUCED, REPRODUCED_SMALL = "repro", "repro-small"
"""The copies in which `dvc repro` has run: with the params of the project, with small ones."""


@dataclass(frozen=True)
class Copy:
    """A copy of the project in a folder, and the environment in which commands run there."""

    folder: Path

    def environment(self, **settings: str) -> dict[str, str]:
        """Nothing of the user's own settings: the stores stand in the copy, the raw files come from the project."""
        own = {
            "PYTHONPATH": "src",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LENET5_DATA": str(ROOT / RAW),
            "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db",
            "OPTUNA_STORAGE": "sqlite:///.studies/studies.db",
            "DVC_SITE_CACHE_DIR": str(self.folder / ".dvc" / "site"),
        }
        return plain_environment() | own | settings

    def timed(self, *command: str, size: int = 1, **settings: str) -> Turn:
        """Run a command here to its end; `python` is this one.

        Raises:
            UserError: it fails.
        """
        here = [sys.executable if word == "python" else word for word in command]
        return timed(here, self.folder, self.environment(**settings), size)

    def forget(self, *names: str) -> None:
        """Delete files and folders of the copy, where they are."""
        for path in (self.folder / name for name in names):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def copy_of_the_project(name: str, params: Mapping[str, Mapping[str, Any]]) -> Copy:
    """The files of the working tree, committed or not, in a new repository; `params` change its params.yaml."""
    copy = Copy(SCRATCH / name)
    shutil.rmtree(copy.folder, ignore_errors=True)
    for path in files_of_the_project():
        (copy.folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy.folder / path)
    change_params(copy.folder / "params.yaml", params)
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for command in (["init", "--quiet"], ["add", "--all"], [*identity, "commit", "--quiet", "--message", "A copy"]):
        subprocess.run(["git", *command], cwd=copy.folder, check=True)
    return copy


def files_of_the_project() -> list[Path]:
    """What git knows or would add, as far as it is there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def change_params(path: Path, blocks: Mapping[str, Mapping[str, Any]]) -> None:
    """Change keys of params.yaml, block by block; without any, not a byte."""
    if not blocks:
        return
    yaml = YAML()
    content = yaml.load(path)
    for name, changes in blocks.items():
        content[name].update(changes)
    yaml.dump(content, path)


def give_training_data(copy: Copy, data: Path) -> None:
    """Put a prepared training set into the copy."""
    there = copy.folder / TRAINING_DATA
    there.parent.mkdir(parents=True, exist_ok=True)
    there.symlink_to(data)


def reproduced_copy(name: str) -> Copy:
    """The copy `name`, in which `dvc repro` has run.

    Raises:
        UserError: there is none, or it is of other code.
    """
    copy = Copy(SCRATCH / name)
    if not (copy.folder / "reports" / "comparison.csv").exists() or not (copy.folder / "models").exists():
        raise UserError("needs what `dvc repro` makes; run `python -m benchmarks repro` first")
    # Small params are no reason: they are those of the copy alone.
    inputs = INPUTS if name == REPRODUCED else INPUTS[:-1]
    listed = [path for path in files_of_the_project() if path.as_posix().startswith(inputs)]
    differ = [path for path in listed if not same(ROOT / path, copy.folder / path)]
    if differ:
        raise UserError(f"{differ[0]}: was edited since; run `python -m benchmarks repro` first")
    return copy


def same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()
