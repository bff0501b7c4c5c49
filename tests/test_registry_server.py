"""The registry behind a real MLflow server: the same rule, and the artifacts over HTTP."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient

from lenet5.tracking.registry import MODEL, propose
from lenet5.tracking.sync import sync
from tests.made_networks import images, network_run
from tests.mlflow_view import empty_database
from tests.ports import free_port
from tests.processes import wait_until

MLFLOW = str(Path(sys.executable).with_name("mlflow"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Its address; it keeps runs in SQLite and artifacts in a folder of its own."""
    (tmp_path / "mlflow.db").write_bytes(empty_database())
    address = ["--host", "127.0.0.1", "--port", str(free_port()), "--workers", "1"]
    store = ["--backend-store-uri", "sqlite:///mlflow.db", "--artifacts-destination", str(tmp_path / "artifacts")]
    log = (tmp_path / "server.log").open("w")
    process = subprocess.Popen(
        [MLFLOW, "server", *store, *address], cwd=tmp_path, stdout=log, stderr=log, start_new_session=True
    )
    uri = f"http://127.0.0.1:{address[3]}"
    try:
        assert wait_until(lambda: process.poll() is not None or healthy(uri), patience_s=120)
        assert process.poll() is None, (tmp_path / "server.log").read_text()
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def healthy(uri: str) -> bool:
    try:
        return bool(urllib.request.urlopen(f"{uri}/health", timeout=5).status == 200)
    except OSError:
        return False


@pytest.mark.slow
def test_champions_follow_each_other_and_can_be_asked(server: str, tmp_path: Path) -> None:
    for seed, wrong in ((1, range(5)), (2, range(4, 10)), (3, range(60, 90))):
        record, candidate = network_run(tmp_path, seed, wrong)
        sync([record], server)
        said = propose(candidate, 0.95, server)
    assert said.startswith("lenet5-seed-3 does not become the champion of lenet5: significantly worse than version 2")
    (model,) = MlflowClient(server, registry_uri=server).search_registered_models()
    assert (model.name, {alias: int(version) for alias, version in model.aliases.items()}) == (
        MODEL,
        {"champion": 2, "previous": 1},
    )
    (tmp_path / "request.json").write_text(json.dumps({"inputs": images(2).tolist()}))
    predict = [MLFLOW, "models", "predict", "-m", "models:/lenet5@previous", "-i", "request.json"]
    found = subprocess.run(
        [*predict, "--env-manager", "local"],
        cwd=tmp_path,
        env=os.environ | {"MLFLOW_TRACKING_URI": server},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert len(json.loads(found.stdout)["predictions"]) == 2, found.stderr
