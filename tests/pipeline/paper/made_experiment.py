"""The 1998 experiment made small: a few hundred patterns, two passes, two seeds."""

import contextlib
import importlib
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ruamel.yaml import YAML

from lenet5.params import load_params
from lenet5.sdlm.params import load_paper_params
from lenet5.settings import load_settings
from tests.pipeline.made_inputs import write_inputs
from tests.pipeline.stage import ROOT

PARAMS = Path("pipeline/paper/params.yaml")
SMALL: dict[str, dict[str, Any]] = {
    "schedule": {"rates": [0.0005, 0.0002], "curvature_patterns": 40},
    "choose": {
        "seeds": [1, 2],
        "alternatives": [
            {"question": "initial weights", "change": {"initial_weights": "fan-in"}},
            {"question": "order", "change": {"order": "anew"}, "stated": True},
        ],
    },
    "train": {
        "seeds": [1, 2],
        "versions": 3,
        "rows": {
            "lenet5": {"distortions": False, "every_pass": True, "paper": "lenet5"},
            "lenet5-15k": {"size": 120, "distortions": False, "paper": "lenet5-15k"},
            "lenet5-dist": {"distortions": True, "paper": "lenet5-dist"},
        },
    },
}


def content() -> dict[str, Any]:
    """Of the repository's own params file."""
    loaded: dict[str, Any] = YAML(typ="safe").load(ROOT / PARAMS)
    return loaded


def write_paper_params(folder: Path, **blocks: dict[str, Any]) -> None:
    """Put the repository's params into `folder`, made small, its `blocks` changed further."""
    params = content()
    for name in {*SMALL, *blocks}:
        params[name] |= SMALL.get(name, {}) | blocks.get(name, {})
    (folder / PARAMS).parent.mkdir(parents=True, exist_ok=True)
    YAML(typ="safe").dump(params, folder / PARAMS)


def write_experiment(folder: Path) -> None:
    """Write data and both params files to `folder`."""
    write_inputs(folder)
    write_paper_params(folder)


def run_paper_stage(stage: str, folder: Path, workers: int = 0) -> None:
    """Run a stage in `folder` as `python -m pipeline.paper` does, but in this process, which has torch loaded."""
    with contextlib.chdir(folder), patch.dict(os.environ, {"LENET5_WORKERS": str(workers)}):
        module = importlib.import_module(f"pipeline.paper.{stage}")
        module.main(load_params(), load_paper_params(), load_settings())
