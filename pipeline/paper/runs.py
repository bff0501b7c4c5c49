"""The runs of the 1998 experiment as MLflow shows them: its rows, the networks behind each, the comparison."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lenet5.params import Distortions
from lenet5.sdlm.params import PaperParams, PaperRow
from lenet5.tracking.records import Artifact, Dataset, Metric, RunRecord, fingerprint
from pipeline.files import TEST_DATA
from pipeline.paper.files import (
    CHOICES,
    CHOSEN,
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
from pipeline.runs.dvc_lock import output_tags, recorded_md5
from pipeline.runs.notes import learnt_from, network_error, note, row_verdict
from pipeline.runs.setting import TEST_PATTERNS, TRAINING_PATTERNS, Setting, as_pair, made_by, read_mapping, text, texts
from pipeline.runs.summaries import comparison_metrics, row_metrics

COMMAND = "make paper"
CURVE_NAMES = {
    "eta": "learning_rate",
    "train_loss": "train/loss",
    "train_error_pct": "train/error_pct",
    "test_error_pct": "test/error_pct",
}
"""Of the columns of curves.csv; the rest of the vocabulary is that of the main pipeline."""


@dataclass(frozen=True)
class PaperSources:
    """What all runs share. `compared` is by row, `curves` by row and seed: lines of comparison.csv and curves.csv."""

    setting: Setting
    test: Dataset
    conventions: dict[str, str]
    metrics: dict[str, dict[str, float]]
    compared: dict[str, dict[str, str]]
    curves: dict[tuple[str, int], list[dict[str, str]]]


def read_paper_sources(setting: Setting) -> PaperSources:
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
        setting=setting,
        test=Dataset("MNIST test", str(TEST_DATA), recorded_md5(setting.lock, TEST_DATA), "test", TEST_PATTERNS),
        conventions=texts(read_mapping(CHOSEN, "conventions")["conventions"]),
        metrics=read_mapping(METRICS),
        compared={line["row"]: line for line in lines},
        curves=curves,
    )


def paper_runs(paper: PaperParams, distortions: Distortions, sources: PaperSources) -> Iterator[RunRecord]:
    """All runs, each parent before its children."""
    rows = []
    for name, row in paper.train.rows.items():
        params = params_of(row, paper, distortions, sources)
        networks = [network_run(name, row, seed, params, sources) for seed in paper.train.seeds]
        rows.append(row_run(name, networks, params, sources))
        yield rows[-1]
        yield from (replace(network, parent=rows[-1].key) for network in networks)
    yield comparison_run(paper, [row.key for row in rows], sources)


def params_of(row: PaperRow, paper: PaperParams, distortions: Distortions, sources: PaperSources) -> dict[str, str]:
    """What a row's networks have in common, named as in the params files."""
    ranges = {f"distortions.{name}": text(as_pair(value)) for name, value in distortions.model_dump().items()}
    schedule = {f"schedule.{name}": text(value) for name, value in paper.schedule.model_dump().items()}
    drawn = {"versions": text(paper.train.versions)} | ranges if row.distortions else {}
    own = texts({"size": row.size or TRAINING_PATTERNS, "distortions": row.distortions})
    arithmetic = {"numerics": sources.setting.params.numerics}
    return arithmetic | {"network": "lenet5", "head": "rbf"} | own | sources.conventions | schedule | drawn


def tags_of(kind: str, stage: str, sources: PaperSources) -> dict[str, str]:
    """How a result is made."""
    return made_by(sources.setting, stage) | {"kind": kind, "mlflow.source.name": COMMAND, "command": again(sources)}


def again(sources: PaperSources) -> str:
    """What to type to get all of it again."""
    commit = sources.setting.commit
    return f"git checkout {commit.sha[:10]} && {COMMAND}" if commit else COMMAND


def row_run(name: str, networks: list[RunRecord], params: dict[str, str], sources: PaperSources) -> RunRecord:
    """One row of the results table."""
    measured, compared = sources.metrics[name], sources.compared[name]
    last = max(point.step for point in networks[0].metrics)
    metrics = row_metrics(measured, compared, last)
    datasets = networks[0].datasets
    described = note(row_verdict(compared), learnt_from(*datasets), f"Again:\n\n    {again(sources)}")
    found = {"row": name, "verdict": compared["verdict"], "paper_source": compared["paper_source"]}
    key = fingerprint("row of 1998", name, params, metrics, [network.key for network in networks])
    return RunRecord(
        key=key,
        plan=key,
        name=f"{name}, mean of {len(networks)}",
        status="FINISHED",
        params=params,
        metrics=metrics,
        tags=tags_of("row", "evaluate", sources) | found | described,
        datasets=datasets,
    )


def network_run(name: str, row: PaperRow, seed: int, params: dict[str, str], sources: PaperSources) -> RunRecord:
    """One trained network: its curves, its test error, and which files hold it."""
    files = [MODELS / name / f"seed-{seed}{suffix}" for suffix in (".safetensors", ".csv")]
    hashes = output_tags(*files, PREDICTIONS / name / f"seed-{seed}.csv")
    metrics = tuple(
        Metric(metric, float(line[column]), int(line["pass"]))
        for column, metric in CURVE_NAMES.items()
        for line in sources.curves[name, seed]
    )
    compared, own = sources.compared[name], params | {"seed": text(seed)}
    datasets = (sources.setting.training._replace(patterns=row.size or TRAINING_PATTERNS), sources.test)
    described = note(
        network_error(seed, sources.metrics[name]["seeds"][f"seed-{seed}"]),  # type: ignore[index]
        row_verdict(compared),
        learnt_from(*datasets),
        f"Again:\n\n    {again(sources)}",
    )
    found = {"row": name, "seed": text(seed), "verdict": compared["verdict"]}
    key = fingerprint("network of 1998", own, datasets, metrics, hashes)
    return RunRecord(
        key=key,
        plan=key,
        name=f"{name}, seed {seed}",
        status="FINISHED",
        params=own,
        metrics=metrics,
        tags=tags_of("network", "train", sources) | found | described | hashes,
        datasets=datasets,
    )


def comparison_run(paper: PaperParams, row_keys: list[str], sources: PaperSources) -> RunRecord:
    """All rows beside the paper, with the page and every figure."""
    metrics = comparison_metrics(sources.compared)
    verdicts = {f"verdict.{row}": line["verdict"] for row, line in sources.compared.items()}
    params = texts(paper.compare.model_dump())
    files = (PAGE, FIDELITY, COMPARISON, OVERLAP, REJECTION, CHOICES, METRICS)
    key = fingerprint("comparison of 1998", params, metrics, row_keys)
    return RunRecord(
        key=key,
        plan=key,
        name="comparison",
        status="FINISHED",
        params=params,
        metrics=metrics,
        tags=tags_of("comparison", "compare", sources) | verdicts | output_tags(*files),
        artifacts=(*map(Artifact, files), *(Artifact(path, "figures") for path in sorted(FIGURES.glob("*.png")))),
        datasets=(sources.test,),
    )
