"""What the stages wrote, read for the runs that show it."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lenet5.errors import UserError
from lenet5.params import Params, Row
from lenet5.report.tables import row_label
from lenet5.tracking.records import Artifact, Dataset
from pipeline.files import COMPARISON_CSV, FIGURES, METRICS, TEST_DATA, TRAINING_DATA
from pipeline.runs.commit import Commit, commit_of_the_code
from pipeline.runs.dvc_lock import input_tags, read_lock, recorded_md5, refuse_stale

TRAINING_PATTERNS, TEST_PATTERNS = 60_000, 10_000  # of MNIST


@dataclass(frozen=True)
class Setting:
    """What is known before anything is trained: the params, DVC's hashes, the commit, and the data."""

    params: Params
    lock: dict[str, Any]
    commit: Commit | None
    training: Dataset

    @property
    def searched(self) -> tuple[Dataset, Dataset]:
        """What the trials of a study train on, and what they are judged by: parts of the training set."""
        aside = self.params.prepare.validation_size
        return (
            self.training._replace(name="MNIST training, rest", patterns=TRAINING_PATTERNS - aside),
            self.training._replace(name="MNIST validation", patterns=aside, context="validation"),
        )


@dataclass(frozen=True)
class Sources:
    """What all runs of finished results share: the setting, the test set, and what was found for each row."""

    setting: Setting
    test: Dataset
    metrics: dict[str, Any]
    compared: dict[str, dict[str, str]]


def read_setting(params: Params) -> Setting:
    """Read what is known before anything is trained.

    Raises:
        UserError: the training data are missing, or dvc.lock is damaged.
    """
    lock = read_lock()
    training = Dataset(
        "MNIST training", str(TRAINING_DATA), recorded_md5(lock, TRAINING_DATA), "training", TRAINING_PATTERNS
    )
    return Setting(params, lock, commit_of_the_code(), training)


def read_sources(params: Params) -> Sources:
    """Read what all runs share.

    Raises:
        UserError: a file is missing or damaged, or was made with other params.
    """
    setting = read_setting(params)
    refuse_stale(setting.lock)
    return Sources(
        setting=setting,
        test=Dataset("MNIST test", str(TEST_DATA), recorded_md5(setting.lock, TEST_DATA), "test", TEST_PATTERNS),
        metrics=read_metrics(params),
        compared=read_comparison(params),
    )


def network_params(params: Params, row: Row) -> dict[str, str]:
    """What a row's networks have in common, named as in params.yaml."""
    ranges = {f"distortions.{name}": text(as_pair(value)) for name, value in params.distortions.model_dump().items()}
    row_params = texts(row.model_dump(include={"network", "head", "distortions"}))
    return {"numerics": params.numerics} | row_params | (ranges if row.distortions else {})


def as_pair(value: Any) -> Any:
    """A range as it stands in params.yaml: `[low, high]`."""
    return [value["low"], value["high"]] if isinstance(value, dict) else value


def made_by(setting: Setting, stage: str) -> dict[str, str]:
    """How a result is made: the code, the command that makes it again, and the hashes of what the stage read."""
    command = f"dvc repro {stage}"
    tags = {"mlflow.source.name": command, "mlflow.source.type": "PROJECT", "command": again(setting, stage)}
    if setting.commit:
        dirty = "true" if setting.commit.is_dirty else "false"
        tags |= {"git.commit": setting.commit.sha, "git.dirty": dirty, "mlflow.source.git.commit": setting.commit.sha}
    return tags | input_tags(setting.lock, stage)


def again(setting: Setting, stage: str) -> str:
    """What to type to get a result again."""
    checkout = f"git checkout {setting.commit.sha[:10]} && " if setting.commit else ""
    return f"{checkout}dvc repro {stage}"


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
