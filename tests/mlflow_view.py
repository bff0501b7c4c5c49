"""All that a person can see in MLflow, as plain values that two databases can be compared by."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import Run, ViewType

from lenet5.tracking.store import opened

Shown = dict[str, Any]


@cache
def empty_database() -> bytes:
    """An MLflow database without runs: making one takes seconds, so tests write copies of this one."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "mlflow.db")
        # As if an earlier attempt to make it had been killed.
        file.touch()
        file.with_name("mlflow.db.new").write_bytes(b"SQLite format 3\0, cut short")
        with opened(f"sqlite:///{file}"):
            return file.read_bytes()


def shown(tracking_uri: str, experiment: str = "lenet5") -> dict[str, Shown]:
    """Every run of the experiment by fingerprint, deleted ones too; without ids and times.

    A run under way has no fingerprint, its plan stands for it; one of them that was deleted is not shown.
    """
    client = MlflowClient(tracking_uri, registry_uri=tracking_uri)
    found = client.search_runs([experiment_id(client, experiment)], run_view_type=ViewType.ALL)
    runs = [run for run in found if run.info.lifecycle_stage == "active" or "fingerprint" in run.data.tags]
    keys = {run.info.run_id: run.data.tags.get("fingerprint") or run.data.tags["plan"] for run in runs}
    assert len(set(keys.values())) == len(runs), "a run is there twice"
    return {keys[run.info.run_id]: shown_run(client, run, keys) for run in runs}


def experiment_id(client: MlflowClient, name: str = "lenet5") -> str:
    experiment = client.get_experiment_by_name(name)
    assert experiment
    return str(experiment.experiment_id)


def shown_run(client: MlflowClient, run: Run, keys: dict[str, str]) -> Shown:
    run_id = run.info.run_id
    assert run.inputs and run.outputs
    tags = dict(run.data.tags)
    parent = tags.pop("mlflow.parentRunId", None)
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "lifecycle": run.info.lifecycle_stage,
        "params": run.data.params,
        "metrics": {name: points(client, run_id, name) for name in run.data.metrics},
        "tags": tags,
        "parent": keys[parent] if parent else None,
        "artifacts": {name: sha256(client, run_id, name) for name in artifact_names(client, run_id)},
        "datasets": sorted(
            (each.dataset.name, each.dataset.digest, each.dataset.source, each.dataset.profile, each.tags[0].value)
            for each in run.inputs.dataset_inputs
        ),
        "models": [shown_model(client, output.model_id) for output in run.outputs.model_outputs],
    }


def points(client: MlflowClient, run_id: str, name: str) -> list[tuple[int, float]]:
    return sorted((point.step, point.value) for point in client.get_metric_history(run_id, name))


def sha256(client: MlflowClient, run_id: str, name: str) -> str:
    path = download_artifacts(run_id=run_id, artifact_path=name, tracking_uri=client.tracking_uri)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def artifact_names(client: MlflowClient, run_id: str, folder: str | None = None) -> Iterator[str]:
    for file in client.list_artifacts(run_id, folder):
        if file.is_dir:
            yield from artifact_names(client, run_id, file.path)
        else:
            yield file.path


def shown_model(client: MlflowClient, model_id: str) -> Shown:
    model = client.get_logged_model(model_id)
    folder = Path(model.artifact_location.removeprefix("file://"))
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    # Python keeps what it compiled beside the code of a model that was loaded.
    files = sorted(str(path) for path in paths if "__pycache__" not in path.parts)
    return {"name": model.name, "status": model.status, "tags": model.tags, "params": model.params, "files": files}
