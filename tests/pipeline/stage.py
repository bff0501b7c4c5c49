"""Stages as a person starts them: `python -m pipeline STAGE` in a folder of its own, or `python -m pipeline.paper`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lenet5.data.mnist import MnistFiles

ROOT = Path(__file__).parents[2]
# The small set takes the place of the real one; everything else is as in `python -m pipeline`.
WITH_OTHER_FILES = """
import sys
from lenet5.data import mnist
mnist.FILES = mnist.MnistFiles(*(mnist.PinnedFile(*pinned) for pinned in {pins}))
from pipeline.__main__ import main
sys.exit(main([{stage!r}]))
"""


def write_params(folder: Path, **blocks: dict[str, Any]) -> None:
    """Put the repository's params.yaml into `folder`, its `blocks` changed."""
    yaml = YAML(typ="safe")
    params = yaml.load(ROOT / "params.yaml")
    for name, changes in blocks.items():
        params[name] |= changes
    yaml.dump(params, folder / "params.yaml")


def start(
    stage: str,
    folder: Path,
    files: MnistFiles | None = None,
    before: Callable[[], None] | None = None,
    stderr: int = subprocess.PIPE,
    package: str = "pipeline",
    **environment: str,
) -> subprocess.Popen[str]:
    """Start a stage in `folder`, on `files` if given; `before` runs in the new process first, `stderr` hears it."""
    command = [sys.executable, "-m", package, stage]
    if files is not None:
        pins = [(pinned.name, pinned.sha256, pinned.size) for pinned in files]
        command = [sys.executable, "-c", WITH_OTHER_FILES.format(pins=pins, stage=stage)]
    inherited = {name: value for name, value in os.environ.items() if name != "LENET5_DATA"}
    paths = {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "NO_PROXY": "127.0.0.1"}
    return subprocess.Popen(
        command,
        cwd=folder,
        env=inherited | paths | environment,
        preexec_fn=before,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
