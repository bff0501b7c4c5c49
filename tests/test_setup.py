"""pyproject.toml, the locks, docs/dependencies.md and the imports say the same."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import CUDA_LOCK, LOCK, TORCH_CPU_BUILDS, split

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PYPROJECT["dependency-groups"]["dev"]]
# Run as a command, never imported.
COMMANDS = {"dvc"}


def locked(lock: Path) -> dict[str, str]:
    """The block of lines of each package in a lock."""
    blocks = split((ROOT / lock).read_text())
    return {block.split("==", 1)[0]: block for block in blocks}


@pytest.mark.parametrize("requirement", RUNTIME + DEVELOPMENT, ids=str)
def test_lock_pins_what_pyproject_asks_for(requirement: Requirement) -> None:
    pinned = Requirement(locked(LOCK)[canonicalize_name(requirement.name)].split("\\", 1)[0])
    (specifier,) = pinned.specifier
    assert specifier.operator == "=="
    assert requirement.specifier.contains(specifier.version)


@pytest.mark.parametrize("lock", [LOCK, CUDA_LOCK], ids=str)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    assert [name for name, block in locked(lock).items() if "--hash=sha256:" not in block] == []


def test_torch_may_be_a_cpu_build_or_the_registrys() -> None:
    hashes = set(re.findall(r"sha256:(\w{64})", locked(LOCK)["torch"]))
    (cpu_builds,) = [set(digests) for name, digests in TORCH_CPU_BUILDS.items() if f"{name} " in locked(LOCK)["torch"]]
    assert cpu_builds < hashes


def test_each_direct_dependency_has_its_line() -> None:
    lines = (ROOT / "docs/dependencies.md").read_text().splitlines()
    told = [
        line.split("|")[1].strip()
        for line in lines
        if line.startswith("| ") and not line.startswith(("| package", "| ---"))
    ]
    assert told == [requirement.name for requirement in (*RUNTIME, *DEVELOPMENT)]


def test_what_is_imported_is_asked_for_and_the_reverse() -> None:
    graph = grimp.build_graph("lenet5", "pipeline", include_external_packages=True, cache_dir=None)
    outside = {name for name in graph.modules if graph.is_module_squashed(name)} - sys.stdlib_module_names
    distributions = packages_distributions()
    packages_of = {name: {canonicalize_name(package) for package in distributions[name]} for name in outside}
    asked = {canonicalize_name(requirement.name) for requirement in RUNTIME}
    assert [name for name, packages in packages_of.items() if not packages & asked] == []
    assert asked - COMMANDS - set().union(*packages_of.values()) == set()
