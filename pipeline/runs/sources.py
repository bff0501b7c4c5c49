"""What the stages wrote, read for the runs that show it."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.errors import UserError
from lenet5.params import Params, Row
from lenet5.report.tables import row_label
from lenet5.tracking.records import Artifact, Dataset
from pipeline.files import COMPARISON_CSV, FIGURES, METRICS, TEST_DATA, TRAINING_DATA
from pipeline.runs.dvc_lock import input_tags, read_lock, recorded_md5, refuse_stale


@dataclass(frozen=True)
class Sources:
    """What all runs share: the params, DVC's hashes, the two data files, and what was found for each row."""

    params: Params
    lock: dict[str, Any]
    training: Dataset
    test: Dataset
    metrics: dict[str, Any]
    compared: dict[str, dict[str, str]]


def read_sources(params: Params) -> Sources:
    """Read what all runs share.

    Raises:
        UserError: a file is missing or damaged, or was made with other params.
    """
    lock = read_lock()
    refuse_stale(lock)
    return Sources(
        params=params,
        lock=lock,
        training=dataset(lock, "MNIST training", TRAINING_DATA, "training"),
        test=dataset(lock, "MNIST test", TEST_DATA, "evaluation"),
        metrics=read_metrics(params),
        compared=read_comparison(params),
    )


def dataset(lock: dict[str, Any], name: str, path: Path, context: Literal["training", "evaluation"]) -> Dataset:
    return Dataset(name, str(path), recorded_md5(lock, path), context)


def network_params(params: Params, row: Row) -> dict[str, str]:
    """What a row's networks have in common, named as in params.yaml."""
    ranges = {f"distortions.{name}": text(as_pair(value)) for name, value in params.distortions.model_dump().items()}
    row_params = texts(row.model_dump(include={"network", "head", "distortions"}))
    return {"numerics": params.numerics} | row_params | (ranges if row.distortions else {})


def as_pair(value: Any) -> Any:
    """A range as it stands in params.yaml: `[low, high]`."""
    return [value["low"], value["high"]] if isinstance(value, dict) else value


def made_by(sources: Sources, stage: str) -> dict[str, str]:
    """The command that makes a result, where MLflow shows a run's source, and the hashes of what the stage read."""
    return {"mlflow.source.name": f"dvc repro {stage}"} | input_tags(sources.lock, stage)


def note(markdown: str) -> dict[str, str]:
    """The text that MLflow shows as a run's description."""
    return {"mlflow.note.content": markdown}


def figures(pattern: str) -> tuple[Artifact, ...]:
    """The figures of that name, as artifacts."""
    return tuple(Artifact(path, "figures") for path in sorted(FIGURES.glob(f"{pattern}.png")))


def read_metrics(params: Params) -> dict[str, Any]:
    """metrics.json, which must have every row and seed of params.yaml."""
    metrics = read_mapping(METRICS)
    for row in params.train.rows:
        missing = {f"seed-{seed}" for seed in params.train.seeds} - metrics.get(row, {}).get("seeds", {}).keys()
        if missing:
            raise UserError(f"{METRICS}: has no {min(missing)} of the row {row}; `dvc repro` brings it up to date")
    return metrics


def read_comparison(params: Params) -> dict[str, dict[str, str]]:
    """The line of comparison.csv for every row of params.yaml."""
    lines = {line["row"]: line for line in csv.DictReader(read_text(COMPARISON_CSV).splitlines())}
    labels = {name: row_label(name, row.head) for name, row in params.train.rows.items()}
    for label in labels.values():
        if label not in lines:
            raise UserError(f"{COMPARISON_CSV}: has no row {label}; `dvc repro` brings it up to date")
    return {name: lines[label] for name, label in labels.items()}


def read_mapping(path: Path, *keys: str) -> dict[str, Any]:
    """A YAML file (a JSON file is one too) that has `keys`.

    Raises:
        UserError: it is missing or holds something else.
    """
    try:
        content = YAML(typ="safe").load(read_text(path))
    except YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not content.keys() >= set(keys):
        raise UserError(f"{path}: must be a mapping with {', '.join(keys) or 'keys'}; `dvc repro` makes it anew")
    return content


def read_text(path: Path) -> str:
    """Raises UserError if the file is missing or no text."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UserError(f"{path}: is missing; `dvc repro` makes it") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not text; `dvc repro` makes it anew") from error


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: text(value) for name, value in values.items()}


def text(value: Any) -> str:
    """A value as params.yaml would have it; a whole number has no decimals, whichever file it came from."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)
