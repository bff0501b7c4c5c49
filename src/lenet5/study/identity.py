"""What a study is called: by all that its trials depend on, so that one is never continued as another."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lenet5.params import Search

CODE = ("pruning.py", "rounds.py", "sampling.py", "space.py")
"""What draws and judges the trials, in this room."""
LIBRARIES = ("optuna", "numpy", "scipy", "torch")
"""What the samplers draw with."""


def fingerprint(options: Search, *context: Any) -> str:
    """What identifies a study: all that its trials depend on. More trials of the same study are the same study."""
    return digest(options.model_dump_json(exclude={"trials"}), *context)[:16]


def study_name(options: Search, *context: Any) -> str:
    """`<row>-<hash of the space>-<fingerprint>`: an old study is never continued in another space."""
    return f"{options.row}-{space_hash(options)}-{fingerprint(options, *context)}"


def space_hash(options: Search) -> str:
    """A hash of what can be drawn."""
    return digest(options.model_dump_json(include={"space", "fixed"}))[:8]


def attributes(options: Search) -> dict[str, Any]:
    """What the study's store says of it, for people who look into it there."""
    return {
        **{library: version(library) for library in LIBRARIES},
        "space_hash": space_hash(options),
        "search": options.model_dump(mode="json", exclude={"trials"}),
    }


def code_digest() -> str:
    """A hash of what draws and judges the trials: the code, and the libraries that it draws with."""
    code = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in CODE]
    return digest(*code, *map(version, LIBRARIES))


def digest(*parts: Any) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
