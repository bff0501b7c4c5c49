"""Which version of the code and the params this is, as git knows it."""

import subprocess
from typing import NamedTuple

INPUTS = ("src", "pipeline", "params.yaml", "dvc.yaml")
"""What results depend on. Later commits to anything else leave it the same version."""


class Commit(NamedTuple):
    """The last commit that changed an input; `is_dirty` if inputs were changed since and not committed."""

    sha: str
    is_dirty: bool


def commit_of_the_code() -> Commit | None:
    """The commit of this working tree; None without git, or if nothing was committed."""
    sha = git("log", "-1", "--format=%H", "--", *INPUTS)
    return Commit(sha, is_dirty=bool(git("status", "--porcelain", "--", *INPUTS))) if sha else None


def git(*arguments: str) -> str:
    """What git says; nothing if it fails."""
    try:
        return subprocess.run(["git", *arguments], capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return ""
