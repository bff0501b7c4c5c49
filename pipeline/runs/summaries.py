"""The metrics of networks and of whole rows, in one vocabulary for both pipelines."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lenet5.tracking.records import Metric


def training_curves(
    learning_rate: Iterable[float], train_loss: Iterable[float], train_error_pct: Iterable[float]
) -> Iterator[Metric]:
    """The curves of one training, epoch by epoch."""
    curves = {"learning_rate": learning_rate, "train/loss": train_loss, "train/error_pct": train_error_pct}
    for name, values in curves.items():
        for epoch, value in enumerate(values, 1):
            yield Metric(name, float(value), epoch)


def row_metrics(measured: Mapping[str, Any], compared: Mapping[str, str], last: int) -> tuple[Metric, ...]:
    """A row's test error beside the paper's, after the `last` epoch: from its part of metrics.json and its line of
    comparison.csv. The spread of one seed is not known."""
    found = {
        "test/error_pct": measured["error_pct"],
        "test/error_pct_std": measured["std_pct"],
        "test/error_pct_ci_low": measured["ci_low_pct"],
        "test/error_pct_ci_high": measured["ci_high_pct"],
        "paper/error_pct": float(compared["paper_error_pct"]),
    }
    return tuple(Metric(name, value, last) for name, value in found.items() if value is not None)


def comparison_metrics(compared: Mapping[str, Mapping[str, str]]) -> tuple[Metric, ...]:
    """The same of all rows side by side; `compared` is comparison.csv, by row."""
    columns = {
        "error_pct": "test/error_pct",
        "ci_low": "test/error_pct_ci_low",
        "ci_high": "test/error_pct_ci_high",
        "paper_error_pct": "paper/error_pct",
    }
    return tuple(
        Metric(f"{row}/{metric}", float(line[column]))
        for row, line in compared.items()
        for column, metric in columns.items()
    )
