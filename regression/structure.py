"""What must hold whatever the numbers are: sizes and connections of the networks, forms of files, contracts."""

import json
from typing import Any

from ruamel.yaml import YAML
from safetensors.numpy import load_file
from torch import nn

from lenet5.models.lenet import LeNet5, build, multiply_adds
from lenet5.params import Params
from pipeline.files import BEST, COMPARISON_CSV, METRICS, MODELS, PREDICTIONS, TEST_DATA, TRAINING_DATA, TRIALS
from regression.places import ROOT
from regression.probes import tensor_digest

NETWORKS = (("lenet5", "rbf"), ("lenet5", "softmax"), ("lenet5-modern", "softmax"))


def structure(params: Params) -> dict[str, dict[str, str]]:
    """Facts about the code, and about the files that the stages left here."""
    return {
        "params.yaml": project_params(),
        "dvc.yaml": contracts(),
        **{f"network {name}, head {head}": network(name, build(name, head)) for name, head in NETWORKS},
        "files": forms(params),
    }


def project_params() -> dict[str, str]:
    """params.yaml as a whole, but for where the data come from."""
    content = YAML(typ="safe").load(ROOT / "params.yaml")
    return {f"{block}.{key}" if key else block: value for block, key, value in leaves(content) if block != "download"}


def leaves(content: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Block, key and value as JSON, one level deep."""
    return [
        (block, key, json.dumps(value, sort_keys=True))
        for block, values in content.items()
        for key, value in (values.items() if isinstance(values, dict) else [("", values)])
    ]


def contracts() -> dict[str, str]:
    """Of each stage: its command, its params, and the data that it reads and leaves; which modules it runs on may
    change freely, and a test holds that list to the imports."""
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    found: dict[str, str] = {}
    for name, stage in stages.items():
        data = [path for path in stage.get("deps", []) if not path.startswith(("src/", "pipeline/"))]
        outputs = [path for kind in ("outs", "metrics", "plots") for path in stage.get(kind, [])]
        found |= {
            f"{name} command": stage["cmd"],
            f"{name} params": json.dumps(sorted(stage.get("params", []))),
            f"{name} reads": json.dumps(sorted(data)),
            f"{name} leaves": json.dumps(sorted(outputs, key=str)),
        }
    return found


def network(name: str, model: nn.Module) -> dict[str, str]:
    """Sizes, connections, codes."""
    trainable = {key: list(each.shape) for key, each in model.named_parameters()}
    found = {
        "trainable parameters": str(sum(each.numel() for each in model.parameters())),
        "multiply-adds": str(multiply_adds(name)),
        **{f"shape of {key}": json.dumps(shape) for key, shape in trainable.items()},
        **{f"fixed {key}": tensor_digest(each) for key, each in model.named_buffers()},
    }
    if isinstance(model, LeNet5):
        found["connections of C3"] = json.dumps(model.c3.links.tolist())
    return found


def forms(params: Params) -> dict[str, str]:
    """Columns, keys and kinds in the files of one network, and in those that people read."""
    row, seed = next(iter(params.train.rows)), params.train.seeds[0]
    metrics = json.loads(METRICS.read_text())
    best = YAML(typ="safe").load(BEST)
    tables = (TRIALS, COMPARISON_CSV, MODELS / row / f"seed-{seed}.csv", PREDICTIONS / row / f"seed-{seed}.csv")
    tensors = (TRAINING_DATA, TEST_DATA, MODELS / row / f"seed-{seed}.safetensors")
    return {
        **{f"columns of {path}": path.read_text(encoding="utf-8").partition("\n")[0] for path in tables},
        f"keys of {BEST}": json.dumps(
            {key: sorted(value) if isinstance(value, dict) else None for key, value in best.items()}
        ),
        f"keys of {METRICS}": json.dumps({name: sorted(block) for name, block in metrics.items()}),
        **{f"tensors of {path}": tensor_forms(path) for path in tensors},
    }


def tensor_forms(path: Any) -> str:
    return json.dumps({name: [str(each.dtype), *each.shape] for name, each in sorted(load_file(path).items())})
