"""A folder as it is when track starts: every result file that the stages before leave, and dvc.lock."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_weights

from lenet5.hyperparameters import PAPER_SIZES
from lenet5.models.lenet import build
from lenet5.params import Params
from lenet5.report.tables import COLUMNS
from pipeline.files import (
    BEST,
    COMPARISON_CSV,
    COMPARISON_MD,
    FIGURES,
    METRICS,
    MODELS,
    PAGE,
    TEST_DATA,
    TRAINING_DATA,
    TRIALS,
    write_text,
    write_yaml,
)
from pipeline.runs.dvc_lock import LOCK, file_md5
from tests.pipeline.made_results import EPOCHS, write_results
from tests.pipeline.stage import ROOT

HYPERPARAMETERS = {
    "learning_rate": 0.06,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "batch_size": 64,
    "j": 5.0,
    "energy_scale": 0.05,
    **PAPER_SIZES,
}


def write_everything(folder: Path, params: Params) -> None:
    """Write to `folder`, which becomes the current one, the results of `params`, which must be those of params.yaml."""
    write_results(folder, params)
    os.chdir(folder)
    YAML().dump(json.loads(params.model_dump_json()), Path("params.yaml"))
    for path, count in ((TRAINING_DATA, 6), (TEST_DATA, 4)):
        path.parent.mkdir(parents=True, exist_ok=True)
        images = np.linspace(-0.1, 1.175, count * 32 * 32, dtype=np.float32).reshape(count, 32, 32)
        save_file({"images": images, "labels": np.arange(count)}, path)
    write_yaml(
        BEST, {"study": "0123456789abcdef", "trial": 3, "val_error_pct": 1.25, "hyperparameters": HYPERPARAMETERS}
    )
    for row in params.train.rows:
        write_row(params, row)
    write_text(METRICS, json.dumps({row: row_metrics(params) for row in params.train.rows}))
    write_comparison(params)
    write_lock(params)


def write_row(params: Params, name: str) -> None:
    row = params.train.rows[name]
    described = {"network": row.network, "head": row.head, "distortions": row.distortions, "epochs": EPOCHS}
    write_yaml(MODELS / name / "row.yaml", described | {"patterns": 60_000, "hyperparameters": HYPERPARAMETERS})
    for seed in params.train.seeds:
        save_weights(build(row.network, row.head, seed=seed).state_dict(), MODELS / name / f"seed-{seed}.safetensors")


def row_metrics(params: Params) -> dict[str, Any]:
    seeds = {f"seed-{seed}": 1.0 + seed / 100 for seed in params.train.seeds}
    return {"error_pct": 1.02, "std_pct": 0.01, "ci_low_pct": 0.9, "ci_high_pct": 1.1, "seeds": seeds, "confusion": []}


def write_comparison(params: Params) -> None:
    lines = [
        f'{row},0.95,"Fig. 9, p. 12",1.020,0.900,1.100,{len(params.train.seeds)},reproduced'
        for row in params.train.rows
    ]
    write_text(COMPARISON_CSV, "\n".join([",".join(COLUMNS), *lines]) + "\n")
    write_text(COMPARISON_MD, "# Comparison with the paper\n")
    write_text(PAGE, "<!doctype html><title>A page</title>\n")
    for name in ("curves", "confusion", "study", "study-rungs", *(f"errors-{row}" for row in params.train.rows)):
        write_text(FIGURES / f"{name}.png", f"the figure {name}")


def write_lock(params: Params) -> None:
    """What DVC records of these stages, as far as track looks at it."""

    def entries(*paths: Path) -> list[dict[str, str]]:
        return [{"path": str(path), "hash": "md5", "md5": file_md5(path)} for path in paths]

    code = {"path": "src/lenet5/training/job.py", "hash": "md5", "md5": file_md5(ROOT / "src/lenet5/training/job.py")}
    blocks = json.loads(params.model_dump_json())
    stages = {
        "prepare": {
            "outs": entries(TRAINING_DATA, TEST_DATA),
            "params": {"params.yaml": {"prepare": blocks["prepare"]}},
        },
        "search": {"deps": [*entries(TRAINING_DATA), dict(code)], "outs": entries(TRIALS, BEST)},
        "train": {"deps": [*entries(TRAINING_DATA, BEST), code], "params": {"params.yaml": {"train": blocks["train"]}}},
        "compare": {"deps": entries(METRICS, TRIALS)},
    }
    YAML().dump({"schema": "2.0", "stages": stages}, LOCK)
