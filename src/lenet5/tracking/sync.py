"""Brings MLflow up to date with a list of runs; it can be stopped at any point, and started again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from lenet5.tracking.network import has_network, log_network
from lenet5.tracking.records import RunRecord
from lenet5.tracking.runs import (
    CONTENT,
    KEY,
    OWN_TAGS,
    PLAN,
    agrees,
    create,
    find_experiment,
    is_alive,
    is_under_way,
    last_seen_ms,
    log,
    log_datasets,
    now_ms,
    parent_tag,
    points_of,
    remove,
    runs_of,
)
from lenet5.tracking.store import opened


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

    A run that was shown while it was under way becomes the run of its result, if all that it shows agrees with it.
    Runs of other keys stay: they are the history. Runs that a stopped sync left half filled are filled, or removed if
    no record has their key any more.

    Raises:
        UserError: MLflow cannot be reached or written, or the experiment's artifacts lie in another folder.
    """
    with opened(tracking_uri) as client:
        experiment_id = find_experiment(client, experiment, tracking_uri)
        found = list(runs_of(client, experiment_id))
        runs, under_way = by_key(found), by_plan(found)
        done: Counter[str] = Counter()
        for record in records:
            parent = runs[record.parent] if record.parent else None
            run = runs.get(record.key) or adopted(client, under_way, record)
            if run and is_up_to_date(client, run, record, parent):
                done["kept"] += 1
                continue
            done["completed" if run else "created"] += 1
            runs[record.key] = run or create(client, experiment_id, record, parent_tag(parent))
            fill(client, runs[record.key], record, parent, is_new=run is None)
        remove_half_filled(client, runs.values(), {record.key for record in records})
        end_abandoned(client, under_way, {record.plan for record in records})
        return SyncReport(done["created"], done["completed"], done["kept"])


def by_key(runs: Iterable[Run]) -> dict[str, Run]:
    """The runs that show a result."""
    return {run.data.tags[KEY]: run for run in runs if KEY in run.data.tags}


def by_plan(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """The runs that show a result that was still to come."""
    found = defaultdict(list)
    for run in runs:
        if is_under_way(run):
            found[run.data.tags[PLAN]].append(run)
    return found


def adopted(client: MlflowClient, under_way: dict[str, list[Run]], record: RunRecord) -> Run | None:
    """Take out of `under_way` the run that has become the record, if there is one."""
    candidates = under_way.get(record.plan, [])
    for run in candidates:
        if not is_alive(run) and agrees(client, run, record):
            candidates.remove(run)
            return run
    return None


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


def fill(client: MlflowClient, run: Run, record: RunRecord, parent: Run | None, is_new: bool) -> None:
    """Log all of the record that the run does not show yet."""
    run_id = run.info.run_id
    log_artifacts(client, run, record, is_new)
    if record.network:
        log_network(client, run, record.network, record.params)
    log_datasets(client, run_id, record.datasets)
    tags = {KEY: record.key, CONTENT: record.content()}
    shown = set() if is_new else points_of(client, run)
    if not is_new:
        tags |= {PLAN: record.plan, **record.tags, **parent_tag(parent)}
        remove_stale_tags(client, run, record)
    log(client, run_id, [point for point in record.metrics if point not in shown], record.params, tags)
    if run.info.run_name != record.name:
        client.update_run(run_id, name=record.name)
    if run.info.status != record.status:
        client.set_terminated(run_id, record.status, end_time=now_ms())


def remove_stale_tags(client: MlflowClient, run: Run, record: RunRecord) -> None:
    for name in run.data.tags:
        if name.startswith(OWN_TAGS) and name not in record.tags:
            client.delete_tag(run.info.run_id, name)


def log_artifacts(client: MlflowClient, run: Run, record: RunRecord, is_new: bool) -> None:
    """Upload the record's files over what is there, and remove what the record no longer has."""
    run_id = run.info.run_id
    there = set() if is_new else set(artifact_names(client, run_id))
    stale = there - {artifact.name for artifact in record.artifacts}
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


def remove_half_filled(client: MlflowClient, runs: Iterable[Run], wanted: set[str]) -> None:
    """Remove what a stopped sync left of runs whose results are no longer there to complete them."""
    for run in runs:
        half_filled = CONTENT not in run.data.tags or run.info.status == "RUNNING"
        if half_filled and run.data.tags.get(KEY, "") not in wanted and not is_under_way(run):
            remove(client, run)


def end_abandoned(client: MlflowClient, under_way: dict[str, list[Run]], planned: set[str]) -> None:
    """Remove the runs that were shown under way and whose results another run shows, or that show nothing.

    Others are marked KILLED and stay, as far as they came. A run whose process lives is left alone.
    """
    for plan, runs in under_way.items():
        for run in [run for run in runs if not is_alive(run)]:
            if plan in planned or not run.data.metrics:
                remove(client, run)
            elif run.info.status == "RUNNING":
                client.set_terminated(run.info.run_id, "KILLED", end_time=last_seen_ms(run))
