"""Shows runs in MLflow while they are under way. What it shows, `sync` completes when the results are there."""

from dataclasses import dataclass, field

from mlflow import MlflowClient
from mlflow.entities import Run

from lenet5.tracking.records import Metric, RunRecord, Status
from lenet5.tracking.runs import (
    PLAN,
    agrees,
    create,
    find_experiment,
    is_alive,
    is_under_way,
    log,
    log_datasets,
    now_ms,
    parent_tag,
    points_of,
    remove,
    runs_of,
    signs_of_life,
)
from lenet5.tracking.store import blaming, connected, exclusively


@dataclass
class Shown:
    """What MLflow shows of a run."""

    run: Run
    status: Status = "RUNNING"
    points: set[Metric] = field(default_factory=set)


class LiveView:
    """The runs of one stage in MLflow, as far as they have come.

    Each is known by its plan. One that a stopped stage left goes on, if all that it shows is still true.
    """

    def __init__(self, tracking_uri: str, experiment: str = "lenet5") -> None:
        """Open the store.

        Raises:
            UserError: it cannot be reached or written; so do all methods.
        """
        self.tracking_uri = tracking_uri
        self.runs: dict[str, Shown] = {}
        with blaming(tracking_uri), exclusively(tracking_uri):
            self.client: MlflowClient = connected(tracking_uri)
            self.experiment_id = find_experiment(self.client, experiment, tracking_uri)

    def show(self, record: RunRecord) -> None:
        """Have MLflow show the record as it is now; its parent must have been shown before."""
        with blaming(self.tracking_uri):
            shown = self.runs.get(record.plan) or self._begin(record)
            self.runs[record.plan] = shown
            points = [point for point in record.metrics if point not in shown.points]
            if points:
                log(self.client, shown.run.info.run_id, points, {}, {})
                shown.points.update(points)
            if record.status != shown.status:
                self._set_status(shown, record.status)

    def still_there(self) -> None:
        """Renew the sign that these runs are under way."""
        with blaming(self.tracking_uri):
            for shown in self._under_way():
                log(self.client, shown.run.info.run_id, (), {}, signs_of_life())

    def end(self, status: Status) -> None:
        """Give this status to all runs that have not ended."""
        with blaming(self.tracking_uri):
            for shown in self._under_way():
                self._set_status(shown, status)

    def _under_way(self) -> list[Shown]:
        return [shown for shown in self.runs.values() if shown.status == "RUNNING"]

    def _begin(self, record: RunRecord) -> Shown:
        parent = parent_tag(self.runs[record.parent].run if record.parent else None)
        with exclusively(self.tracking_uri):
            left = self._left_by_a_stopped_stage(record)
            run = left or create(self.client, self.experiment_id, record, parent | signs_of_life())
        if left:
            self.client.update_run(run.info.run_id, status="RUNNING", name=record.name)
        tags = {**record.tags, **parent, **signs_of_life()} if left else {}
        log(self.client, run.info.run_id, (), record.params, tags)
        log_datasets(self.client, run.info.run_id, record.datasets)
        return Shown(run, points=points_of(self.client, run) if left else set())

    def _left_by_a_stopped_stage(self, record: RunRecord) -> Run | None:
        """The run that goes on; others of the same plan, whose training began anew, are removed.

        One that a process shows is another checkout's.
        """
        found = None
        for run in runs_of(self.client, self.experiment_id, f"tags.{PLAN} = '{record.plan}'"):
            if not is_under_way(run) or is_alive(run):
                continue
            if found is None and agrees(self.client, run, record):
                found = run
            else:
                remove(self.client, run)
        return found

    def _set_status(self, shown: Shown, status: Status) -> None:
        run_id = shown.run.info.run_id
        if status == "RUNNING":
            self.client.update_run(run_id, status=status)
        else:
            self.client.set_terminated(run_id, status, end_time=now_ms())
        shown.status = status
