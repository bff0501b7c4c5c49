"""What a run of MLflow is to this project: by which tags it is known, what it shows, and how it is made and ended."""

import json
import os
import platform
import socket
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from time import time

from mlflow import MlflowClient, entities
from mlflow.entities import DatasetInput, InputTag, Param, Run, RunTag
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT, MLFLOW_PARENT_RUN_ID

from lenet5.errors import UserError
from lenet5.tracking.records import Dataset, Metric, RunRecord
from lenet5.tracking.store import artifact_location

KEY = "fingerprint"
"""The tag that holds a record's key: it says which result this is. A run that is under way has none."""
PLAN = "plan"
"""The tag that holds a record's plan: it says which run this is to become."""
CONTENT = "content"
"""The tag with the digest of a record's content. It is set when all else is there: a run without it is not whole."""
SEEN = "live.seen_ms"
"""The tag that a run under way renews while the process that shows it lives."""
SHOWN_BY = "live.shown_by"
"""The tag that names this process, and its machine."""
DEAD_AFTER_MS = 10 * 60 * 1000
"""A run under way that has not been seen for so long was abandoned."""
OWN_TAGS = ("dvc.", "git.", "live.")
"""Tags of these prefixes that a record lacks are removed; others may be a person's own."""
POINTS_AT_ONCE = 800  # MLflow takes 1,000 params, tags and points in one request


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


def runs_of(client: MlflowClient, experiment_id: str, wanted: str = "") -> Iterator[Run]:
    """The runs of the experiment that meet the condition `wanted`, the newest first."""
    token: str | None = None
    while token != "":
        found = client.search_runs([experiment_id], wanted, page_token=token)
        yield from found
        token = found.token or ""


def is_under_way(run: Run) -> bool:
    """Whether a run shows a result that was still to come, so far as it had come."""
    tags = run.data.tags
    return PLAN in tags and KEY not in tags and CONTENT not in tags


def signs_of_life() -> dict[str, str]:
    """The tags that say that this process shows a run now."""
    return {SEEN: str(now_ms()), SHOWN_BY: f"{socket.gethostname()} {os.getpid()}"}


def is_alive(run: Run) -> bool:
    """Whether a process still shows the run, as far as can be known from here."""
    if run.info.status != "RUNNING" or now_ms() - last_seen_ms(run) > DEAD_AFTER_MS:
        return False
    host, _, process = run.data.tags.get(SHOWN_BY, "").rpartition(" ")
    return host != socket.gethostname() or exists(int(process))


def last_seen_ms(run: Run) -> int:
    """When the process that shows the run said so last; 0 for a run that none shows."""
    return int(run.data.tags.get(SEEN, "0"))


def exists(process: int) -> bool:
    """Whether this machine has a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def agrees(client: MlflowClient, run: Run, record: RunRecord) -> bool:
    """Whether all that the run shows is true of the record, so that it can become the record's run."""
    return run.data.params.items() <= record.params.items() and points_of(client, run) <= set(record.metrics)


def points_of(client: MlflowClient, run: Run) -> set[Metric]:
    """All points of the run's curves."""
    return {
        Metric(name, point.value, point.step)
        for name in run.data.metrics
        for point in client.get_metric_history(run.info.run_id, name)
    }


def create(client: MlflowClient, experiment_id: str, record: RunRecord, tags: Mapping[str, str]) -> Run:
    """A new run with the tags of its record and these. What it ran on is said now, and stays."""
    tags = {"platform": this_platform(), PLAN: record.plan, **record.tags, **tags}
    return client.create_run(experiment_id, start_time=now_ms(), tags=tags, run_name=record.name)


def log(
    client: MlflowClient, run_id: str, points: Iterable[Metric], params: Mapping[str, str], tags: Mapping[str, str]
) -> None:
    """Log points as of now, then params, then tags; the last request has all of the tags."""
    time_ms = now_ms()
    metrics = [entities.Metric(point.name, point.value, time_ms, point.step) for point in points]
    while len(metrics) > POINTS_AT_ONCE:
        client.log_batch(run_id, metrics=metrics[:POINTS_AT_ONCE])
        metrics = metrics[POINTS_AT_ONCE:]
    client.log_batch(
        run_id,
        metrics=metrics,
        params=[Param(name, value) for name, value in params.items()],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )


def log_datasets(client: MlflowClient, run_id: str, datasets: Iterable[Dataset]) -> None:
    """Link the run to its datasets; twice is the same as once."""
    client.log_inputs(run_id, [dataset_input(dataset) for dataset in datasets])


def dataset_input(dataset: Dataset) -> DatasetInput:
    """Name, place, digest and size of a file as MLflow's dataset; the file itself is not copied."""
    source, profile = json.dumps({"uri": dataset.path}), json.dumps({"num_rows": dataset.patterns})
    entity = entities.Dataset(dataset.name, dataset.digest, source_type="local", source=source, profile=profile)
    return DatasetInput(entity, [InputTag(MLFLOW_DATASET_CONTEXT, dataset.context)])


def parent_tag(parent: Run | None) -> dict[str, str]:
    """The tag that puts a run below another one."""
    return {MLFLOW_PARENT_RUN_ID: parent.info.run_id} if parent else {}


def remove(client: MlflowClient, run: Run) -> None:
    """Put a run into MLflow's trash; not as one that runs for ever."""
    if run.info.status == "RUNNING":
        client.set_terminated(run.info.run_id, "KILLED")
    client.delete_run(run.info.run_id)


@cache
def this_platform() -> str:
    """The kind of machine and the versions that decide about the arithmetic."""
    versions = f"Python {platform.python_version()}, torch {version('torch')}"
    return f"{platform.system()} {platform.machine()}, {versions}"


def now_ms() -> int:
    """The time as MLflow counts it."""
    return int(time() * 1000)
