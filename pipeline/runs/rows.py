"""The runs of the results table: its rows, the networks behind each, and the comparison with the paper."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from lenet5.params import Row
from lenet5.report.tables import row_label
from lenet5.tracking.records import Artifact, LoggedNetwork, Metric, RunRecord, fingerprint
from pipeline.files import COMPARISON_CSV, COMPARISON_MD, METRICS, MODELS, PREDICTIONS
from pipeline.results import read_history
from pipeline.runs.dvc_lock import output_tags
from pipeline.runs.networks import network_content, network_name
from pipeline.runs.sources import Sources, figures, made_by, network_params, note, read_mapping, read_text, text, texts


def row_runs(sources: Sources, name: str, row: Row) -> Iterator[RunRecord]:
    """One row of the results table, then its trained networks, one a seed."""
    trained = read_mapping(MODELS / name / "row.yaml", "epochs", "hyperparameters")
    measured, compared = sources.metrics[name], sources.compared[name]
    epochs = int(trained["epochs"])
    params = network_params(sources.params, row) | texts(trained["hyperparameters"]) | {"epochs": text(epochs)}
    seeds = [seed_run(sources, name, row, params, seed) for seed in sources.params.train.seeds]
    summary = {
        "test/error_pct": measured["error_pct"],
        "test/error_pct_std": measured["std_pct"],
        "test/error_pct_ci_low": measured["ci_low_pct"],
        "test/error_pct_ci_high": measured["ci_high_pct"],
        "paper/error_pct": float(compared["paper_error_pct"]),
    }
    metrics = tuple(Metric(metric, value, epochs) for metric, value in summary.items() if value is not None)
    tags = {"kind": "row", "row": name, "verdict": compared["verdict"], "paper_source": compared["paper_source"]}
    together = RunRecord(
        key=fingerprint("row", name, params, metrics, [run.key for run in seeds]),
        name=f"{row_label(name, row.head)}, mean of {len(seeds)}",
        status="FINISHED",
        params=params,
        metrics=metrics,
        tags=tags | made_by(sources, "evaluate"),
        artifacts=figures(f"*-{name}"),
        datasets=(sources.training, sources.test),
    )
    yield together
    yield from (replace(run, parent=together.key) for run in seeds)


def seed_run(sources: Sources, name: str, row: Row, params: dict[str, str], seed: int) -> RunRecord:
    """One trained network: its curves, its test error, its weights."""
    history, weights = MODELS / name / f"seed-{seed}.csv", MODELS / name / f"seed-{seed}.safetensors"
    predictions = PREDICTIONS / name / f"seed-{seed}.csv"
    files = output_tags(weights, history, predictions)
    params = params | {"seed": text(seed)}
    datasets = (sources.training, sources.test)
    metrics = tuple(training_curves(history, sources.metrics[name]["seeds"][f"seed-{seed}"]))
    return RunRecord(
        key=fingerprint("network", params, datasets, metrics, files),
        name=f"{row_label(name, row.head)}, seed {seed}",
        status="FINISHED",
        params=params,
        metrics=metrics,
        tags={"kind": "network", "row": name} | made_by(sources, "train") | files,
        datasets=datasets,
        network=LoggedNetwork(
            name=network_name(name, seed),
            digest=files[f"dvc.out.{weights}"],
            load=partial(network_content, row, weights, predictions),
        ),
    )


def training_curves(history: Path, test_error_pct: float) -> Iterator[Metric]:
    """The curves of one training, epoch by epoch, and the test error after the last."""
    curves = read_history(history)
    for name, values in (
        ("learning_rate", curves.learning_rate),
        ("train/loss", curves.train_loss),
        ("train/error_pct", curves.train_error_pct),
    ):
        for epoch, value in zip(curves.epoch.tolist(), values.tolist(), strict=True):
            yield Metric(name, value, epoch)
    yield Metric("test/error_pct", test_error_pct, int(curves.epoch[-1]))


def comparison_run(sources: Sources, row_keys: list[str]) -> RunRecord:
    """All rows beside the paper, with every figure."""
    params = {"numerics": sources.params.numerics} | texts(sources.params.compare.model_dump())
    columns = {"error_pct": "error_pct", "ci_low": "error_pct_ci_low", "ci_high": "error_pct_ci_high"}
    metrics = tuple(
        Metric(f"{row}/{metric}", float(line[column]))
        for row, line in sources.compared.items()
        for column, metric in {**columns, "paper_error_pct": "paper_error_pct"}.items()
    )
    tags = {"kind": "comparison"} | {f"verdict.{row}": line["verdict"] for row, line in sources.compared.items()}
    files = (COMPARISON_CSV, COMPARISON_MD, METRICS)
    return RunRecord(
        key=fingerprint("comparison", params, metrics, tags, row_keys),
        name="comparison",
        status="FINISHED",
        params=params,
        metrics=metrics,
        tags=tags | note(read_text(COMPARISON_MD)) | made_by(sources, "compare") | output_tags(*files),
        artifacts=(*map(Artifact, files), *figures("*")),
        datasets=(sources.test,),
    )
