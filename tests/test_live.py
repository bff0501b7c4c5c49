"""Runs shown in MLflow while they are under way become those that sync makes of the results: in a SQLite file, and on
MLflow's own server with SQLite and with PostgreSQL."""

import dataclasses
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from lenet5.tracking.live import LiveView
from lenet5.tracking.records import Artifact, Dataset, Metric, RunRecord, Status
from lenet5.tracking.runs import DEAD_AFTER_MS, SEEN, SHOWN_BY, now_ms
from lenet5.tracking.sync import SyncReport, sync
from tests.mlflow_server import mlflow_server
from tests.mlflow_view import empty_database, shown
from tests.postgresql import postgresql

DATA = (Dataset("MNIST training", "data/training.safetensors", "d41d8cd98f00b204e9800998ecf8427e", "training", 60_000),)
PARENT = RunRecord(
    key="row",
    plan="row",
    name="lenet5, mean of 2",
    status="RUNNING",
    params={"epochs": "3"},
    tags={"kind": "row"},
    datasets=DATA,
)
SLOW = (pytest.mark.slow, pytest.mark.timeout(300))


def network(seed: int, epochs: int, status: Status = "RUNNING") -> RunRecord:
    """A training that has come so far."""
    points = [Metric(name, start / epoch + seed, epoch) for epoch in range(1, epochs + 1) for name, start in CURVES]
    return RunRecord(
        key=f"seed {seed}",
        plan=f"seed {seed}",
        name=f"lenet5, seed {seed}",
        status=status,
        params={"epochs": "3", "seed": str(seed)},
        metrics=tuple(points),
        tags={"kind": "network", "seed": str(seed), "git.commit": "1"},
        datasets=DATA,
        parent="row",
    )


CURVES = (("train/loss", 0.7), ("train/error_pct", 2.3))


def results(folder: Path) -> list[RunRecord]:
    """What track makes of the results of these trainings."""
    figure = folder / "figure.png"
    figure.write_bytes(b"a figure")
    test = Metric("test/error_pct", 0.9, 3)
    row = dataclasses.replace(
        PARENT, key="row's result", status="FINISHED", metrics=(test,), artifacts=(Artifact(figure),)
    )
    seeds = [network(seed, 3, "FINISHED") for seed in (1, 2)]
    return [
        row,
        *(
            dataclasses.replace(
                each,
                key=f"{each.plan}'s result",
                metrics=(*each.metrics, test),
                tags={"kind": "network", "seed": each.tags["seed"], "git.commit": "2", "verdict": "better"},
                parent=row.key,
            )
            for each in seeds
        ),
    ]


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("server", marks=SLOW), pytest.param("server with PostgreSQL", marks=SLOW)],
)
def uri(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a store; tests use experiments of their own."""
    folder = tmp_path_factory.mktemp("store")
    (folder / "mlflow.db").write_bytes(empty_database())
    file = f"sqlite:///{folder}/mlflow.db"
    if request.param == "sqlite":
        yield file
    elif request.param == "server":
        with mlflow_server(folder, file) as address:
            yield address
    else:
        with postgresql() as server:
            database = server.create("runs").replace("postgresql://", "postgresql+psycopg://")
            with mlflow_server(folder, database) as address:
                yield address


@pytest.fixture
def experiment() -> str:
    return uuid.uuid4().hex


def runs(uri: str, experiment: str) -> dict[str, Run]:
    """The runs that a person sees, by name."""
    client = MlflowClient(uri, registry_uri=uri)
    found = client.get_experiment_by_name(experiment)
    assert found
    listed = client.search_runs([found.experiment_id])
    by_name = {run.info.run_name: run for run in listed}
    assert len(by_name) == len(listed), "a run is there twice"
    return by_name


def ids(uri: str, experiment: str) -> dict[str, str]:
    return {name: run.info.run_id for name, run in runs(uri, experiment).items()}


def show_in_part(uri: str, experiment: str) -> LiveView:
    """A view of which one training has come to epoch 2, and the other has just begun."""
    view = LiveView(uri, experiment)
    for record in (PARENT, network(1, 0), network(2, 0), network(1, 1), PARENT, network(1, 2)):
        view.show(record)
    return view


def show_to_the_end(view: LiveView) -> None:
    for record in (PARENT, network(1, 3, "FINISHED"), network(2, 1), network(2, 3, "FINISHED")):
        view.show(record)
    view.end("FINISHED")


def test_a_run_appears_when_it_begins_and_grows(uri: str, experiment: str) -> None:
    show_in_part(uri, experiment)
    found = runs(uri, experiment)
    assert {run.info.status for run in found.values()} == {"RUNNING"}
    assert found["lenet5, seed 2"].data.metrics == {}
    assert found["lenet5, seed 2"].data.params == {"epochs": "3", "seed": "2"}
    assert found["lenet5, seed 1"].data.metrics == {"train/loss": 1.35, "train/error_pct": 2.15}
    parents = {run.data.tags.get("mlflow.parentRunId") for run in found.values()}
    assert parents == {None, found[PARENT.name].info.run_id}


def test_shown_live_and_made_from_the_results_are_the_same(uri: str, experiment: str, tmp_path: Path) -> None:
    show_to_the_end(show_in_part(uri, experiment))
    live = ids(uri, experiment)
    assert sync(results(tmp_path), uri, experiment) == SyncReport(created=0, completed=3, kept=0)
    assert ids(uri, experiment) == live
    completed = shown(uri, experiment)
    assert sync(results(tmp_path), uri, experiment).kept == 3
    assert shown(uri, experiment) == completed

    rebuilt = f"{experiment} rebuilt"
    assert sync(results(tmp_path), uri, rebuilt).created == 3
    assert shown(uri, rebuilt) == completed


def test_a_stopped_stage_goes_on_in_the_same_runs(uri: str, experiment: str, tmp_path: Path) -> None:
    show_in_part(uri, experiment).end("KILLED")
    stopped = ids(uri, experiment)
    assert {run.info.status for run in runs(uri, experiment).values()} == {"KILLED"}
    again = LiveView(uri, experiment)
    # Its cache knows one epoch more than MLflow.
    for record in (PARENT, network(1, 3), network(2, 0)):
        again.show(record)
    assert {run.info.status for run in runs(uri, experiment).values()} == {"RUNNING"}
    show_to_the_end(again)
    assert ids(uri, experiment) == stopped
    assert sync(results(tmp_path), uri, experiment).completed == 3
    assert ids(uri, experiment) == stopped
    assert len(shown(uri, experiment)["seed 1's result"]["metrics"]["train/loss"]) == 3


def test_a_training_that_began_anew_otherwise_is_another_run(uri: str, experiment: str, tmp_path: Path) -> None:
    show_in_part(uri, experiment).end("KILLED")
    before = ids(uri, experiment)
    anew = LiveView(uri, experiment)
    anew.show(PARENT)
    anew.show(network(1, 0))
    after = ids(uri, experiment)
    assert after.keys() == before.keys()
    assert {name for name in before if before[name] != after[name]} == {"lenet5, seed 1"}
    # Nor does a result become a run that shows something else.
    other = dataclasses.replace(network(1, 3), metrics=(Metric("train/loss", 5.0, 1),))
    anew.show(other)
    anew.end("FINISHED")
    report = sync(results(tmp_path), uri, experiment)
    assert report == SyncReport(created=1, completed=2, kept=0)
    assert len(runs(uri, experiment)) == 3
    assert sync(results(tmp_path), uri, experiment).kept == 3


def test_a_training_that_gives_what_is_there_leaves_no_second_run(uri: str, experiment: str, tmp_path: Path) -> None:
    sync(results(tmp_path), uri, experiment)
    before = shown(uri, experiment)
    view = LiveView(uri, experiment)
    for record in (PARENT, network(1, 3, "FINISHED")):
        view.show(record)
    view.end("FINISHED")
    assert sync(results(tmp_path), uri, experiment).kept == 3
    assert shown(uri, experiment) == before


def test_abandoned_runs_end_and_living_ones_do_not(uri: str, experiment: str) -> None:
    show_in_part(uri, experiment)
    sync([], uri, experiment)
    alive = runs(uri, experiment)
    assert {run.info.status for run in alive.values()} == {"RUNNING"}
    client = MlflowClient(uri, registry_uri=uri)
    for run in alive.values():  # as if another machine had lost its power
        client.set_tag(run.info.run_id, SHOWN_BY, "elsewhere 1")
        client.set_tag(run.info.run_id, SEEN, now_ms() - DEAD_AFTER_MS - 1)
    sync([], uri, experiment)
    left = runs(uri, experiment)
    assert {name: run.info.status for name, run in left.items()} == {"lenet5, seed 1": "KILLED"}


def test_another_checkout_that_trains_the_same_is_left_alone(uri: str, experiment: str) -> None:
    client = MlflowClient(uri, registry_uri=uri)
    show_in_part(uri, experiment)
    theirs = runs(uri, experiment)["lenet5, seed 1"].info.run_id
    client.set_tag(theirs, SHOWN_BY, "elsewhere 1")
    view = LiveView(uri, experiment)
    view.show(PARENT)
    view.show(network(1, 0))
    assert client.get_run(theirs).info.lifecycle_stage == "active"
    assert view.runs["seed 1"].run.info.run_id != theirs
