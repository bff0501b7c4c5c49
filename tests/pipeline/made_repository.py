"""The whole project in a git and DVC repository of its own, on a small MNIST and with small params."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lenet5.data.mnist import FILES
from tests.data.samples import encode, pin
from tests.pipeline.made_inputs import PLAIN, patterns, write_small_params
from tests.pipeline.stage import ROOT

# Python reads this whenever it starts: the small set takes the place of the real one, the project itself is untouched.
SMALL_MNIST = """
from lenet5.data import mnist
mnist.FILES = mnist.MnistFiles(*(mnist.PinnedFile(*pinned) for pinned in {pins}))
"""
PARAMS: dict[str, dict[str, Any]] = {
    "prepare": {"validation_size": 100},
    "search": {"trials": 4, "round_size": 2, "rungs": [1, 2], "startup_trials": 2},
    "train": {"epochs": 1, "seeds": [1, 2], "rows": {"lenet5": PLAIN, "dist": PLAIN | {"distortions": True}}},
}


@dataclass(frozen=True)
class Repository:
    """A checkout, and the environment in which a person works there."""

    folder: Path
    environment: dict[str, str]

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **environment: str) -> str:
        """What a command says; it must succeed."""
        process = self.start(*command, **environment)
        said, _ = process.communicate()
        assert process.returncode == 0, f"{command} ended with {process.returncode}:\n{said}"
        return said

    def dvc(self, *arguments: str, **environment: str) -> str:
        return self.run("dvc", *arguments, **environment)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def copied_to(self, folder: Path) -> "Repository":
        return Repository(shutil.copytree(self.folder, folder, symlinks=True), self.environment)

    def changed_files(self) -> set[str]:
        """The files that git sees as changed or new."""
        return {line[3:] for line in self.run("git", "status", "--porcelain", "-uall").splitlines()}


def make_repository(folder: Path) -> Repository:
    """Put the project's files, as they are in the working tree, into a new repository below `folder`."""
    home = folder / "home"
    write_small_mnist(home)
    settings = {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        # Relative, for every copy has its own code.
        "PYTHONPATH": f"{home / 'startup'}{os.pathsep}src",
        "LENET5_DATA": str(home / "mnist"),
        # One view for all copies: MLflow keeps absolute paths.
        "MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow.db'}",
        "DVC_SITE_CACHE_DIR": str(home / "dvc"),
    }
    repository = Repository(folder / "checkout", os.environ | settings)
    for name in ("pipeline", "src", "dvc.yaml", ".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore"):
        copy(ROOT / name, repository.folder / name)
    write_small_params(repository.folder, **PARAMS)
    repository.run("git", "init", "--quiet")
    commit(repository, "The project")
    return repository


def copy(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, destination, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    else:
        shutil.copy(source, destination)


def commit(repository: Repository, message: str) -> None:
    identity = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
    repository.run("git", "add", "--all")
    repository.run("git", *identity, "commit", "--quiet", "--message", message)


def write_small_mnist(home: Path) -> None:
    """The four files for LENET5_DATA, and what makes Python expect them."""
    training, test = patterns(600, seed=1), patterns(80, seed=2)
    contents = {pinned.name: encode(array) for pinned, array in zip(FILES, (*training, *test), strict=True)}
    pins = [(made.name, made.sha256, made.size) for made in (pin(*item) for item in contents.items())]
    for name, content in contents.items():
        (home / "mnist").mkdir(parents=True, exist_ok=True)
        (home / "mnist" / name).write_bytes(content)
    (home / "startup").mkdir()
    (home / "startup" / "sitecustomize.py").write_text(SMALL_MNIST.format(pins=pins))
