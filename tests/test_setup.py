"""pyproject.toml, the locks, docs/dependencies.md and the imports say the same."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import CUDA_LOCK, EXTRAS_LOCK, LOCK, TORCH_CPU_BUILDS, name_of, split

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PYPROJECT["dependency-groups"]["dev"]]
EXTRAS = [Requirement(line) for lines in PYPROJECT["project"]["optional-dependencies"].values() for line in lines]
# Run as a command, or loaded by SQLAlchemy, never imported.
COMMANDS = {"dvc", "optuna-dashboard", "psycopg"}


def locked(lock: Path) -> dict[str, str]:
    """The block of lines of each package in a lock."""
    blocks = split((ROOT / lock).read_text())
    return {name_of(block): block for block in blocks}


def assert_pinned(requirement: Requirement, lock: Path) -> None:
    pinned = Requirement(locked(lock)[canonicalize_name(requirement.name)].split("\\", 1)[0])
    (specifier,) = pinned.specifier
    assert specifier.operator == "=="
    assert requirement.specifier.contains(specifier.version)


@pytest.mark.parametrize("requirement", RUNTIME + DEVELOPMENT, ids=str)
def test_lock_pins_what_pyproject_asks_for(requirement: Requirement) -> None:
    assert_pinned(requirement, LOCK)


@pytest.mark.parametrize("requirement", EXTRAS, ids=str)
def test_another_lock_pins_what_the_extras_ask_for(requirement: Requirement) -> None:
    assert_pinned(requirement, EXTRAS_LOCK)


def test_extras_add_to_what_all_have_and_change_nothing_of_it() -> None:
    base, extras = locked(LOCK) | locked(CUDA_LOCK), locked(EXTRAS_LOCK)
    assert base.keys() & extras.keys() == set()


@pytest.mark.parametrize(("target", "wanted"), [("repro", 0), ("ui", 0), ("test", 1), ("test-slow", 1), ("extras", 1)])
def test_extras_are_installed_only_by_what_needs_them(target: str, wanted: int) -> None:
    plan = subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert plan.count("set_up.sh\n") == 1
    assert plan.count("set_up.sh extras\n") == wanted


@pytest.mark.parametrize("lock", [LOCK, CUDA_LOCK, EXTRAS_LOCK], ids=str)
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
    assert told == [requirement.name for requirement in (*RUNTIME, *EXTRAS, *DEVELOPMENT)]


def test_what_is_imported_is_asked_for_and_the_reverse() -> None:
    graph = grimp.build_graph("lenet5", "pipeline", include_external_packages=True, cache_dir=None)
    outside = {name for name in graph.modules if graph.is_module_squashed(name)} - sys.stdlib_module_names
    distributions = packages_distributions()
    if missing := {"grpc", "ray"} - distributions.keys():
        pytest.skip(f"needs the extra `cluster` (`make extras`): {missing}")
    packages_of = {name: {canonicalize_name(package) for package in distributions[name]} for name in outside}
    asked = {canonicalize_name(requirement.name) for requirement in RUNTIME + EXTRAS}
    assert [name for name, packages in packages_of.items() if not packages & asked] == []
    assert asked - COMMANDS - set().union(*packages_of.values()) == set()
