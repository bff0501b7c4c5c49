"""Ask the advisory service OSV about every package of the locks: `make audit`.

Exit status: 0 if no hole is known but those that tools/audit.toml explains; 1 if another is, or an explanation is no
longer needed; 2 if the service could not be asked about all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from lenet5.blocks import Block
from lenet5.errors import UserError
from lenet5.params import first_complaint

LOCKS = ("requirements.lock", "requirements-cuda.lock", "requirements-extras.lock")
EXCEPTIONS = Path("tools/audit.toml")
SERVICE = "https://api.osv.dev/v1/query"
Text = Annotated[str, Field(min_length=1)]


class Explained(Block):
    """A hole that is let pass."""

    package: Text
    id: Text
    reason: Text


class Exceptions(Block):
    """The whole of audit.toml."""

    exceptions: tuple[Explained, ...] = ()


@dataclass(frozen=True)
class Hole:
    """What an advisory says of a package."""

    package: str
    version: str
    names: frozenset[str]
    mended_in: tuple[str, ...]
    description: str

    def __str__(self) -> str:
        """One line for a person."""
        mended = f"mended in {', '.join(self.mended_in)}" if self.mended_in else "not mended yet"
        return f"{self.package} {self.version}: {', '.join(sorted(self.names))}: {self.description} ({mended})"

    def is_explained_by(self, exception: Explained) -> bool:
        """An advisory has several names (CVE, GHSA, PYSEC); any of them will do."""
        return exception.package == self.package and exception.id in self.names


def main(arguments: Sequence[str]) -> int:
    """Print what was found, and give the exit status."""
    parser = argparse.ArgumentParser(prog="audit", description="Ask for known holes in the packages of the locks.")
    parser.add_argument("locks", nargs="*", default=LOCKS, help="requirements files with exact versions")
    parser.add_argument("--exceptions", type=Path, default=EXCEPTIONS)
    parser.add_argument(
        "--service", default=os.environ.get("OSV_URL", SERVICE), help="an address that speaks OSV's API"
    )
    options = parser.parse_args(arguments)
    try:
        explained = read_exceptions(options.exceptions)
        report = ask(options.locks, options.service)
    except UserError as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2
    return judge(report, explained)


def read_exceptions(path: Path) -> tuple[Explained, ...]:
    """The holes that are let pass.

    Raises:
        UserError: the file cannot be read, or an entry lacks its package, id or reason.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Exceptions.model_validate_json(json.dumps(content)).exceptions
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise UserError(f"{path}: {first_complaint(error)}") from error


def ask(locks: Sequence[str], service: str) -> list[dict[str, Any]]:
    """What pip-audit found: an entry for each package.

    Raises:
        UserError: the service did not answer, or not for every package.
    """
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner=off"]
    command += ["--format=json", "--vulnerability-service=osv", f"--osv-url={service}"]
    command += [f"--requirement={lock}" for lock in locks]
    run = subprocess.run(command, capture_output=True, text=True)
    try:
        packages: list[dict[str, Any]] = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        said = run.stderr.strip().rpartition("\n")[2].rpartition(": ")[2].rstrip("\"')")
        raise UserError(f"no advisories from {service}, so nothing was audited: {said or 'no answer'}") from error
    # With these pip-audit still says that it found nothing.
    skipped = [f"{package['name']} ({package['skip_reason']})" for package in packages if "skip_reason" in package]
    if skipped:
        raise UserError(f"{len(skipped)} of {len(packages)} packages could not be audited, the first is {skipped[0]}")
    return packages


def judge(packages: Sequence[dict[str, Any]], explained: Sequence[Explained]) -> int:
    """Say which holes are neither mended nor explained, and which explanations have no hole; 1 if there are any."""
    holes = [hole for package in packages for hole in holes_of(package)]
    passed = [hole for hole in holes if any(hole.is_explained_by(exception) for exception in explained)]
    unneeded = [each for each in explained if not any(hole.is_explained_by(each) for hole in holes)]
    for hole in holes:
        print(f"{'explained' if hole in passed else 'HOLE'}: {hole}")
    for exception in unneeded:
        print(f"NOT NEEDED: the exception for {exception.package} {exception.id}; remove it")
    print(f"audit: {len(packages)} packages, {len(holes)} known holes, {len(passed)} of them explained")
    return 1 if len(passed) < len(holes) or unneeded else 0


def holes_of(package: dict[str, Any]) -> list[Hole]:
    """The holes of one package, from pip-audit's JSON."""
    return [
        Hole(
            package=package["name"],
            version=package["version"],
            names=frozenset([found["id"], *found["aliases"]]),
            mended_in=tuple(found["fix_versions"]),
            description=" ".join(found["description"].split()),
        )
        for found in package["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
