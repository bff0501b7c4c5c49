"""The runs of the results table: its rows, the networks behind each, and the comparison with the paper."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from lenet5.params import Row
from lenet5.report.tables import row_label
from lenet5.tracking.records import Artifact, LoggedNetwork, Metric, RunRecord, fingerprint
from pipeline.files import COMPARISON_CSV, COMPARISON_MD, METRICS, MODELS, PAGE, PREDICTIONS
from pipeline.results import read_history
from pipeline.runs.dvc_lock import output_tags
from pipeline.runs.networks import network_content, network_name
from pipeline.runs.notes import how_to_repeat, learnt_from, network_error, note, row_verdict
from pipeline.runs.setting import Setting, made_by, read_mapping, read_text, text, texts
from pipeline.runs.sources import Sources, figures, network_params
from pipeline.runs.summaries import comparison_metrics, row_metrics, training_curves


def row_runs(sources: Sources, name: str, row: Row) -> Iterator[RunRecord]:
    """One row of the results table, then its trained networks, one a seed."""
    trained = read_mapping(MODELS / name / "row.yaml", "epochs", "hyperparameters")
    plan = planned_row(sources.setting, name, row, trained["hyperparameters"], int(trained["epochs"]))
    measured, compared = sources.metrics[name], sources.compared[name]
    seeds = [seed_run(sources, name, row, plan, seed) for seed in sources.setting.params.train.seeds]
    metrics = row_metrics(measured, compared, int(trained["epochs"]))
    found = {"verdict": compared["verdict"], "paper_source": compared["paper_source"]}
    datasets = (*plan.datasets, sources.test)
    text_of_row = note(row_verdict(compared), learnt_from(*datasets), how_to_repeat(sources.setting, "evaluate"))
    together = replace(
        plan,
        key=fingerprint("row", name, plan.params, metrics, [run.key for run in seeds]),
        status="FINISHED",
        metrics=metrics,
        tags={**plan.tags, **found, **text_of_row},
        artifacts=figures(f"*-{name}"),
        datasets=datasets,
    )
    yield together
    yield from (replace(run, parent=together.key) for run in seeds)


def planned_row(setting: Setting, name: str, row: Row, hyperparameters: Mapping[str, float], epochs: int) -> RunRecord:
    """What is known of a row before its networks are trained."""
    params = network_params(setting.params, row) | texts(hyperparameters) | {"epochs": text(epochs)}
    plan = fingerprint("row", name, params, setting.training)
    return RunRecord.planned(
        plan,
        name=f"{row_label(name, row.head)}, mean of {len(setting.params.train.seeds)}",
        params=params,
        tags={"kind": "row", "row": name} | made_by(setting, "evaluate"),
        datasets=(setting.training,),
    )


def planned_network(setting: Setting, row: RunRecord, label: str, seed: int) -> RunRecord:
    """What is known of one of a row's networks before it is trained."""
    params = {**row.params, "seed": text(seed)}
    plan = fingerprint("network", row.tags["row"], params, setting.training)
    return RunRecord.planned(
        plan,
        name=f"{label}, seed {seed}",
        params=params,
        tags={"kind": "network", "row": row.tags["row"], "seed": text(seed)} | made_by(setting, "train"),
        datasets=row.datasets,
        parent=row.plan,
    )


def seed_run(sources: Sources, name: str, row: Row, row_plan: RunRecord, seed: int) -> RunRecord:
    """One trained network: its curves, its test error, its weights."""
    history, weights = MODELS / name / f"seed-{seed}.csv", MODELS / name / f"seed-{seed}.safetensors"
    predictions = PREDICTIONS / name / f"seed-{seed}.csv"
    files = output_tags(weights, history, predictions)
    error_pct, compared = sources.metrics[name]["seeds"][f"seed-{seed}"], sources.compared[name]
    curves = read_history(history)
    results = {"test/error_pct": error_pct, "paper/error_pct": float(compared["paper_error_pct"])}
    after_the_last = tuple(Metric(metric, value, int(curves.epoch[-1])) for metric, value in results.items())
    metrics = (*training_curves(curves.learning_rate, curves.train_loss, curves.train_error_pct), *after_the_last)
    plan = planned_network(sources.setting, row_plan, row_label(name, row.head), seed)
    datasets = (*plan.datasets, sources.test)
    described = note(
        network_error(seed, error_pct),
        row_verdict(compared),
        learnt_from(*datasets),
        how_to_repeat(sources.setting, "train"),
    )
    return replace(
        plan,
        key=fingerprint("network", plan.params, datasets, metrics, files),
        status="FINISHED",
        metrics=metrics,
        tags={**plan.tags, "verdict": compared["verdict"], **described, **files},
        datasets=datasets,
        network=LoggedNetwork(
            name=network_name(name, seed),
            digest=files[f"dvc.out.{weights}"],
            load=partial(network_content, row, weights, predictions),
        ),
    )


def comparison_run(sources: Sources, row_keys: list[str]) -> RunRecord:
    """All rows beside the paper, with every figure."""
    setting = sources.setting
    params = {"numerics": setting.params.numerics} | texts(setting.params.compare.model_dump())
    metrics = comparison_metrics(sources.compared)
    tags = {"kind": "comparison"} | {f"verdict.{row}": line["verdict"] for row, line in sources.compared.items()}
    files = (COMPARISON_CSV, COMPARISON_MD, METRICS, PAGE)
    described = note(read_text(COMPARISON_MD).strip(), how_to_repeat(setting, "compare"))
    return RunRecord(
        key=fingerprint("comparison", params, metrics, tags, row_keys),
        plan=fingerprint("comparison", params, row_keys),
        name="comparison",
        status="FINISHED",
        params=params,
        metrics=metrics,
        tags=tags | described | made_by(setting, "compare") | output_tags(*files),
        artifacts=(*map(Artifact, files), *figures("*")),
        datasets=(sources.test,),
    )
