"""What the stages wrote, read for the runs that show it."""

import csv
from dataclasses import dataclass
from typing import Any

from lenet5.errors import UserError
from lenet5.params import Params, Row
from lenet5.report.tables import row_label
from lenet5.tracking.records import Artifact, Dataset
from pipeline.files import COMPARISON_CSV, FIGURES, METRICS, TEST_DATA
from pipeline.runs.dvc_lock import recorded_md5, refuse_stale
from pipeline.runs.setting import TEST_PATTERNS, Setting, as_pair, read_mapping, read_setting, read_text, text, texts


@dataclass(frozen=True)
class Sources:
    """What all runs of finished results share: the setting, the test set, and what was found for each row."""

    setting: Setting
    test: Dataset
    metrics: dict[str, Any]
    compared: dict[str, dict[str, str]]


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
