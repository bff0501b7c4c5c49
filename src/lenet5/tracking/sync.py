"""Brings MLflow up to date with a list of runs; it can be stopped at any point, and started again."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import time

from mlflow import MlflowClient, entities
from mlflow.entities import DatasetInput, InputTag, Param, Run, RunTag
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT, MLFLOW_PARENT_RUN_ID

from lenet5.errors import UserError
from lenet5.tracking.network import has_network, log_network
from lenet5.tracking.records import Dataset, RunRecord
from lenet5.tracking.store import artifact_location, opened

KEY = "fingerprint"
"""The tag that holds a record's key: it says which run this is."""
CONTENT = "content"
"""The tag with the digest of a record's content. It is set when all else is there: a run without it is half filled."""
OWN_TAGS = "dvc."
"""Tags of this prefix that a record lacks are removed; others may be a person's own."""
METRICS_AT_ONCE = 1000  # MLflow's limit for one request


@dataclass(frozen=True)
class SyncReport:
    """How many runs were added, brought up to date, and left as they were."""

    created: int
    completed: int
    kept: int

    def __str__(self) -> str:
        """For a person: `31 runs: 31 added`."""
        parts = [(self.created, "added"), (self.completed, "brought up to date"), (self.kept, "already there")]
        said = ", ".join(f"{number} {what}" for number, what in parts if number)
        return f"{self.created + self.completed + self.kept} runs: {said or 'nothing to do'}"


def sync(records: Sequence[RunRecord], tracking_uri: str, experiment: str = "lenet5") -> SyncReport:
    """Make MLflow show `records`, each a run of `experiment`; a parent must stand before its children.

    Runs of other keys stay: they are the history. Runs that a stopped sync left half filled are filled, or removed if
    no record has their key any more.

    Raises:
        UserError: MLflow cannot be reached or written, or the experiment's artifacts lie in another folder.
    """
    with opened(tracking_uri) as client:
        experiment_id = find_experiment(client, experiment, tracking_uri)
        runs = own_runs(client, experiment_id)
        done: Counter[str] = Counter()
        for record in records:
            parent = runs[record.parent] if record.parent else None
            run = runs.get(record.key)
            if run and is_up_to_date(client, run, record, parent):
                done["kept"] += 1
                continue
            done["completed" if run else "created"] += 1
            runs[record.key] = run or create(client, experiment_id, record, parent)
            fill(client, runs[record.key], record, parent)
        remove_half_filled(client, runs, {record.key for record in records})
        return SyncReport(done["created"], done["completed"], done["kept"])


def find_experiment(client: MlflowClient, name: str, tracking_uri: str) -> str:
    """The id of the experiment, which is made if need be.

    Raises:
        UserError: its artifacts lie elsewhere, as in a folder that was moved or copied: MLflow keeps absolute paths
            (mlflow/mlflow#3144).
    """
    location = artifact_location(tracking_uri)
    found = client.get_experiment_by_name(name)
    if found is None:
        return client.create_experiment(name, artifact_location=location)
    if location and found.artifact_location != location:
        elsewhere = f"keeps its artifacts in {found.artifact_location}"
        raise UserError(f"MLflow at {tracking_uri}: {elsewhere}; delete the database, and track fills a new one")
    if found.lifecycle_stage != entities.LifecycleStage.ACTIVE:
        client.restore_experiment(found.experiment_id)
    return found.experiment_id


def own_runs(client: MlflowClient, experiment_id: str) -> dict[str, Run]:
    """The runs of the experiment that a sync made, by key."""
    runs: dict[str, Run] = {}
    token: str | None = None
    while token != "":
        found = client.search_runs([experiment_id], f"tags.{KEY} LIKE '%'", page_token=token)
        runs |= {run.data.tags[KEY]: run for run in found}
        token = found.token or ""
    return runs


def is_up_to_date(client: MlflowClient, run: Run, record: RunRecord, parent: Run | None) -> bool:
    """Whether the run is finished and shows all of the record, whatever a person deleted since.

    A parent that was deleted has a new id now; if `mlruns` was, the database still knows its runs.
    """
    tags = run.data.tags
    return (
        run.info.status == record.status
        and tags.get(CONTENT) == record.content()
        and parent_tag(parent).items() <= tags.items()
        and (not record.artifacts or has_artifacts(client, run, record))
        and (record.network is None or has_network(client, run))
    )


def has_artifacts(client: MlflowClient, run: Run, record: RunRecord) -> bool:
    return {artifact.name for artifact in record.artifacts} <= set(artifact_names(client, run.info.run_id))


def create(client: MlflowClient, experiment_id: str, record: RunRecord, parent: Run | None) -> Run:
    tags = {KEY: record.key} | parent_tag(parent)
    return client.create_run(experiment_id, start_time=now_ms(), tags=tags, run_name=record.name)


def fill(client: MlflowClient, run: Run, record: RunRecord, parent: Run | None) -> None:
    """Log everything. Doing so twice is the same as once: a point of a curve counts as new only at another time."""
    run_id, time_ms = run.info.run_id, run.info.start_time
    log_artifacts(client, run, record)
    if record.network:
        log_network(client, run, record.network, record.params)
    client.log_inputs(run_id, [dataset_input(dataset) for dataset in record.datasets])
    client.log_batch(run_id, params=[Param(name, value) for name, value in record.params.items()])
    points = [entities.Metric(point.name, point.value, time_ms, point.step) for point in record.metrics]
    for first in range(0, len(points), METRICS_AT_ONCE):
        client.log_batch(run_id, metrics=points[first : first + METRICS_AT_ONCE])
    for stale in [name for name in run.data.tags if name.startswith(OWN_TAGS) and name not in record.tags]:
        client.delete_tag(run_id, stale)
    if run.info.run_name != record.name:
        client.update_run(run_id, name=record.name)
    tags = {**record.tags, **parent_tag(parent), CONTENT: record.content()}
    client.log_batch(run_id, tags=[RunTag(name, value) for name, value in tags.items()])
    if run.info.status != record.status:
        client.set_terminated(run_id, record.status, end_time=now_ms())


def parent_tag(parent: Run | None) -> dict[str, str]:
    return {MLFLOW_PARENT_RUN_ID: parent.info.run_id} if parent else {}


def dataset_input(dataset: Dataset) -> DatasetInput:
    """Name, place and digest of a file as MLflow's dataset; the file itself is not copied."""
    source = json.dumps({"uri": dataset.path})
    entity = entities.Dataset(dataset.name, dataset.digest, source_type="local", source=source)
    return DatasetInput(entity, [InputTag(MLFLOW_DATASET_CONTEXT, dataset.context)])


def log_artifacts(client: MlflowClient, run: Run, record: RunRecord) -> None:
    """Upload the record's files over what is there, and remove what the record no longer has."""
    run_id = run.info.run_id
    stale = set(artifact_names(client, run_id)) - {artifact.name for artifact in record.artifacts}
    if stale:
        repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=client.tracking_uri)
        for name in stale:
            repository.delete_artifacts(name)  # type: ignore[no-untyped-call]
    for artifact in record.artifacts:
        client.log_artifact(run_id, str(artifact.path), artifact_path=artifact.folder or None)


def artifact_names(client: MlflowClient, run_id: str, folder: str | None = None) -> Iterator[str]:
    for file in client.list_artifacts(run_id, folder):
        if file.is_dir:
            yield from artifact_names(client, run_id, file.path)
        else:
            yield file.path


def remove_half_filled(client: MlflowClient, runs: dict[str, Run], wanted: set[str]) -> None:
    """Remove what a stopped sync left of runs whose results are no longer there to complete them."""
    for key, run in runs.items():
        if key not in wanted and (CONTENT not in run.data.tags or run.info.status == "RUNNING"):
            client.set_terminated(run.info.run_id, "KILLED")
            client.delete_run(run.info.run_id)


def now_ms() -> int:
    return int(time() * 1000)
