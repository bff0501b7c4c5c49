"""MLflow as a view: complete, never double, whatever stopped it, and rebuilt the same."""

import dataclasses
import hashlib
import multiprocessing
import os
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow import MlflowClient

from lenet5.errors import UserError
from lenet5.tracking.records import Artifact, Dataset, Metric, RunRecord, fingerprint
from lenet5.tracking.sync import SyncReport, sync
from tests.mlflow_server import serving
from tests.mlflow_view import empty_database, experiment_id, shown
from tests.patience import soon

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "mlflow.db"
    path.write_bytes(empty_database())
    return path


@pytest.fixture
def uri(database: Path) -> str:
    return f"sqlite:///{database}"


def study(folder: Path, trials: int = 4) -> list[RunRecord]:
    """A parent and its trials: one pruned, one failed, the rest complete."""
    figure = folder / "study.png"
    figure.write_bytes(b"figure")
    data = (Dataset("MNIST training", "data/training.safetensors", MD5, "training", 60_000),)
    parent = RunRecord(
        key="study",
        plan="plan of the study",
        name="study",
        status="FINISHED",
        params={"trials": str(trials)},
        metrics=(Metric("val/error_pct", 1.5, 0), Metric("val/error_pct", 1.25, 3)),
        tags={"kind": "study", "dvc.out.trials.csv": "1", "dvc.in.data": "2"},
        artifacts=(Artifact(figure, "figures"), Artifact(figure)),
        datasets=data,
    )
    statuses = {1: "KILLED", 2: "FAILED"}
    return [parent] + [
        RunRecord(
            key=f"trial {number}",
            plan=f"plan of trial {number}",
            name=f"trial {number}",
            status=statuses.get(number, "FINISHED"),  # type: ignore[arg-type]
            params={"learning_rate": "0.05", "momentum": "0.9"},
            metrics=tuple(Metric("val/error_pct", 3 / epoch + number, epoch) for epoch in (1, 2, 4)),
            tags={"trial": str(number)},
            datasets=data,
            parent="study",
        )
        for number in range(trials)
    ]


def test_runs_are_shown_whole_and_a_second_sync_adds_nothing(uri: str, tmp_path: Path) -> None:
    records = study(tmp_path)
    assert sync(records, uri) == SyncReport(created=5, completed=0, kept=0)
    first = shown(uri)
    assert {key: run["status"] for key, run in first.items()} == {record.key: record.status for record in records}
    assert {run["parent"] for key, run in first.items() if key != "study"} == {"study"}
    assert first["trial 3"]["metrics"] == {"val/error_pct": [(1, 6.0), (2, 4.5), (4, 3.75)]}
    assert first["trial 3"]["params"] == records[4].params
    assert set(first["study"]["artifacts"]) == {"figures/study.png", "study.png"}
    assert first["study"]["datasets"] == [
        ("MNIST training", MD5, '{"uri": "data/training.safetensors"}', '{"num_rows": 60000}', "training")
    ]
    assert str(sync(records, uri)) == "5 runs: 5 already there"
    assert shown(uri) == first


def test_runs_of_earlier_results_stay(uri: str, tmp_path: Path) -> None:
    before = study(tmp_path)
    after = [
        dataclasses.replace(record, key=f"new {record.key}", parent=record.parent and "new study") for record in before
    ]
    sync(before, uri)
    earlier = shown(uri)
    assert sync(after, uri) == SyncReport(created=5, completed=0, kept=0)
    both = shown(uri)
    assert len(both) == 10
    assert {key: both[key] for key in earlier} == earlier
    assert sync(before, uri).kept == 5


def test_a_run_is_brought_up_to_date_in_place(uri: str, tmp_path: Path) -> None:
    records = study(tmp_path)
    sync(records, uri)
    client = MlflowClient(uri, registry_uri=uri)
    run_id = next(run.info.run_id for run in client.search_runs(["1", "2"]) if run.info.run_name == "study")
    client.set_tag(run_id, "reviewed by", "a person")
    (tmp_path / "study.png").write_bytes(b"another figure")
    table = tmp_path / "table.csv"
    table.touch()
    changed = dataclasses.replace(
        records[0],
        name="the study",
        tags={"kind": "study", "dvc.out.trials.csv": "3"},
        artifacts=(Artifact(tmp_path / "study.png", "figures"), Artifact(table)),
    )
    assert sync([changed, *records[1:]], uri) == SyncReport(created=0, completed=1, kept=4)
    run = shown(uri)["study"]
    assert run["name"] == "the study"
    assert {name: run["tags"].get(name) for name in ("dvc.out.trials.csv", "dvc.in.data", "reviewed by")} == {
        "dvc.out.trials.csv": "3",
        "dvc.in.data": None,
        "reviewed by": "a person",
    }
    another = hashlib.sha256(b"another figure").hexdigest()
    assert run["artifacts"] == {"figures/study.png": another, "table.csv": hashlib.sha256().hexdigest()}


def test_what_a_person_deleted_comes_back(uri: str, tmp_path: Path) -> None:
    records = study(tmp_path)
    sync(records, uri)
    client = MlflowClient(uri, registry_uri=uri)
    experiment = experiment_id(client)
    parent = next(run for run in client.search_runs([experiment]) if run.info.run_name == "study")
    client.delete_run(parent.info.run_id)
    # The trials hang on the new parent, whose id is another one.
    assert sync(records, uri) == SyncReport(created=1, completed=4, kept=0)
    client.delete_experiment(experiment)
    sync(records, uri)
    names = {run.info.run_name for run in client.search_runs([experiment])}
    assert names == {record.name for record in records}


def test_killed_at_any_point_and_started_again_it_ends_the_same(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = study(tmp_path, trials=8)
    # Forked from a process that has imported mlflow, which finds modules by this alone (python/cpython#117378).
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["lenet5.tracking.sync"])
    kills, delay = 0, 0.05
    while True:
        process = processes.Process(target=sync, args=(records, uri))
        process.start()
        process.join(delay)
        if not process.is_alive():
            break
        process.kill()
        process.join()
        kills, delay = kills + 1, delay * 1.2
    assert process.exitcode == 0
    assert kills >= 3
    interrupted = shown(uri)
    assert sync(records, uri).kept == 9
    undisturbed = tmp_path / "undisturbed.db"
    undisturbed.write_bytes(empty_database())
    sync(records, f"sqlite:///{undisturbed}")
    assert shown(f"sqlite:///{undisturbed}") == interrupted


def test_two_at_once_add_nothing_twice(uri: str, tmp_path: Path) -> None:
    records = study(tmp_path)
    threads = [threading.Thread(target=sync, args=(records, uri)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shown(uri)) == 5


def test_half_filled_runs_of_vanished_results_are_removed(uri: str, tmp_path: Path) -> None:
    records = study(tmp_path)
    sync(records, uri)
    client = MlflowClient(uri, registry_uri=uri)
    experiment = experiment_id(client)
    client.create_run(experiment, tags={"fingerprint": "of params that were changed since"})
    client.create_run(experiment, tags={"fingerprint": "killed at the last moment", "content": "all of it"})
    foreign = client.create_run(experiment, run_name="of a person")
    assert sync(records, uri).kept == 5
    running = client.search_runs([experiment], "attributes.status = 'RUNNING'")
    assert [run.info.run_id for run in running] == [foreign.info.run_id]


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ("mlruns", "is not a URI"),
        ("file:///tmp/mlruns", "cannot be used"),
        ("databricks://here", "cannot be used"),
        ("sqlite://", "cannot be used"),
        ("sqlite:///:memory:", "cannot be used"),
        ("http://", "cannot be used"),
        ("http://127.0.0.1:1", "Connection refused"),
        ("postgresql://me:secret@127.0.0.1:1/runs", "postgresql://me:\\*\\*\\*@127.0.0.1:1/runs: Connection refused"),
        ("sqlite:///file:{database}?mode=ro&uri=true", "readonly database"),
    ],
)
def test_a_store_that_cannot_be_used_is_named_at_once(bad: str, complaint: str, database: Path) -> None:
    refused([], bad.format(database=database), complaint)


def test_a_damaged_database_or_one_of_another_version_is_left_alone(database: Path, uri: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
        connection.execute("DROP TABLE inputs")
    before = database.read_bytes()
    refused([], uri, "schema ffffffffffff is not")
    assert database.read_bytes() == before
    database.write_text("This is no database. " * 100)
    refused([], uri, "file is not a database")


def test_a_database_that_was_moved_is_refused(uri: str, tmp_path: Path) -> None:
    sync([], uri)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.copy(tmp_path / "mlflow.db", moved)
    refused([], f"sqlite:///{moved}/mlflow.db", "delete the database")


def test_a_server_in_trouble_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with serving(500) as address:
        refused([], address, "500")
    with serving(404) as address:
        refused([], address, "404")


def test_a_missing_artifact_names_the_file(uri: str, tmp_path: Path) -> None:
    records = study(tmp_path)
    (tmp_path / "study.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"study\.png"):
        sync(records, uri)


def refused(records: list[RunRecord], uri: str, complaint: str) -> None:
    """Assert that a sync ends soon, with one line."""
    with soon(), pytest.raises(UserError, match=complaint) as raised:
        sync(records, uri)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


@given(st.dictionaries(st.text(), values), values)
def test_a_fingerprint_knows_content_not_order(mapping: dict[str, object], other: object) -> None:
    assert fingerprint(mapping) == fingerprint(dict(reversed(mapping.items())))
    assert fingerprint(mapping, other) != fingerprint(mapping)
    assert fingerprint(mapping | {"more": other}) != fingerprint(mapping | {"more": [other]})
