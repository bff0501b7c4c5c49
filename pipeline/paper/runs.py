"""The runs of the 1998 experiment, from its results: its rows, the networks behind each, the comparison."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lenet5.tracking.records import Artifact, Dataset, Metric, RunRecord, fingerprint
from pipeline.files import TEST_DATA
from pipeline.paper.files import (
    CHOICES,
    COMPARISON,
    CURVES,
    FIDELITY,
    FIGURES,
    METRICS,
    MODELS,
    OVERLAP,
    PAGE,
    PREDICTIONS,
    REJECTION,
)
from pipeline.paper.planned import PaperSetting, again, planned_network, planned_row, tags_of
from pipeline.results import read_numbers
from pipeline.runs.dvc_lock import output_tags, recorded_md5
from pipeline.runs.notes import learnt_from, network_error, note, row_verdict
from pipeline.runs.setting import TEST_PATTERNS, read_mapping, texts
from pipeline.runs.summaries import comparison_metrics, row_metrics, training_curves

HISTORY_COLUMNS = ("pass", "eta", "train_loss", "train_error_pct", "lowest_rate", "highest_rate")


@dataclass(frozen=True)
class PaperSources:
    """What all runs share. `compared` is by row, `curves` by row and seed: lines of comparison.csv and curves.csv."""

    known: PaperSetting
    test: Dataset
    metrics: dict[str, dict[str, float]]
    compared: dict[str, dict[str, str]]
    curves: dict[tuple[str, int], list[dict[str, str]]]


def read_paper_sources(known: PaperSetting) -> PaperSources:
    """Read what all runs share.

    Raises:
        UserError: a file is damaged.
        OSError: a file is missing.
    """
    curves: dict[tuple[str, int], list[dict[str, str]]] = defaultdict(list)
    for line in csv.DictReader(CURVES.read_text(encoding="utf-8").splitlines()):
        curves[line["row"], int(line["seed"])].append(line)
    lines = csv.DictReader(COMPARISON.read_text(encoding="utf-8").splitlines())
    return PaperSources(
        known=known,
        test=Dataset("MNIST test", str(TEST_DATA), recorded_md5(known.setting.lock, TEST_DATA), "test", TEST_PATTERNS),
        metrics=read_mapping(METRICS),
        compared={line["row"]: line for line in lines},
        curves=curves,
    )


def paper_runs(sources: PaperSources) -> Iterator[RunRecord]:
    """All runs, each parent before its children."""
    plan, rows = sources.known.paper.train, []
    for name in plan.rows:
        planned = planned_row(sources.known, name)
        networks = [network_run(name, planned, seed, sources) for seed in plan.seeds]
        rows.append(row_run(name, planned, networks, sources))
        yield rows[-1]
        yield from (replace(network, parent=rows[-1].key) for network in networks)
    yield comparison_run([row.key for row in rows], sources)


def row_run(name: str, planned: RunRecord, networks: list[RunRecord], sources: PaperSources) -> RunRecord:
    """One row of the results table."""
    measured, compared = sources.metrics[name], sources.compared[name]
    last = max(point.step for point in networks[0].metrics)
    metrics = row_metrics(measured, compared, last)
    datasets = (*planned.datasets, sources.test)
    described = note(row_verdict(compared), learnt_from(*datasets), f"Again:\n\n    {again(sources.known)}")
    found = {"verdict": compared["verdict"], "paper_source": compared["paper_source"]}
    return replace(
        planned,
        key=fingerprint("row of 1998", name, planned.params, metrics, [network.key for network in networks]),
        status="FINISHED",
        metrics=metrics,
        tags={**planned.tags, **found, **described},
        datasets=datasets,
    )


def network_run(name: str, row: RunRecord, seed: int, sources: PaperSources) -> RunRecord:
    """One trained network: its curves, its test error, and which files hold it."""
    weights, history = (MODELS / name / f"seed-{seed}{suffix}" for suffix in (".safetensors", ".csv"))
    hashes = output_tags(weights, history, PREDICTIONS / name / f"seed-{seed}.csv")
    training = training_curves(*read_numbers(history, HISTORY_COLUMNS).T[1:4])
    tested = [(float(line["test_error_pct"]), int(line["pass"])) for line in sources.curves[name, seed]]
    metrics = (*training, *(Metric("test/error_pct", error_pct, number) for error_pct, number in tested))
    compared, planned = sources.compared[name], planned_network(sources.known, row, seed)
    datasets = (*planned.datasets, sources.test)
    described = note(
        network_error(seed, sources.metrics[name]["seeds"][f"seed-{seed}"]),  # type: ignore[index]
        row_verdict(compared),
        learnt_from(*datasets),
        f"Again:\n\n    {again(sources.known)}",
    )
    return replace(
        planned,
        key=fingerprint("network of 1998", planned.params, datasets, metrics, hashes),
        status="FINISHED",
        metrics=metrics,
        tags={**planned.tags, "verdict": compared["verdict"], **described, **hashes},
        datasets=datasets,
    )


def comparison_run(row_keys: list[str], sources: PaperSources) -> RunRecord:
    """All rows beside the paper, with the page and every figure."""
    metrics = comparison_metrics(sources.compared)
    verdicts = {f"verdict.{row}": line["verdict"] for row, line in sources.compared.items()}
    params = texts(sources.known.paper.compare.model_dump())
    files = (PAGE, FIDELITY, COMPARISON, OVERLAP, REJECTION, CHOICES, METRICS)
    key = fingerprint("comparison of 1998", params, metrics, row_keys)
    return RunRecord(
        key=key,
        plan=key,
        name="comparison",
        status="FINISHED",
        params=params,
        metrics=metrics,
        tags=tags_of("comparison", "compare", sources.known) | verdicts | output_tags(*files),
        artifacts=(*map(Artifact, files), *(Artifact(path, "figures") for path in sorted(FIGURES.glob("*.png")))),
        datasets=(sources.test,),
    )
