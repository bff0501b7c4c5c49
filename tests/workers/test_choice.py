"""The settings choose where jobs run; what cannot be had is one line."""

import sys
from pathlib import Path
from typing import Any

import pytest

from lenet5.errors import UserError
from lenet5.settings import Settings
from lenet5.workers.choice import workers_for
from lenet5.workers.here import ThisProcess
from lenet5.workers.interface import Workers
from lenet5.workers.processes import Processes


def chosen(tmp_path: Path, **settings: Any) -> Workers:
    (tmp_path / "data").touch()
    return workers_for(Settings.model_validate(settings), tmp_path / "data", tmp_path / "jobs")


def test_so_many_processes_or_none(tmp_path: Path) -> None:
    assert isinstance(chosen(tmp_path, LENET5_WORKERS=0), ThisProcess)
    workers = chosen(tmp_path, LENET5_WORKERS=3)
    assert isinstance(workers, Processes)
    assert workers.count == 3


@pytest.mark.parametrize("missing", ["ray", "grpc"])
def test_a_cluster_without_ray_is_one_line_that_says_what_to_install(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ray_cluster", "ray_connection"):
        monkeypatch.delitem(sys.modules, f"lenet5.workers.{name}", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)  # as if it were not there
    with pytest.raises(UserError, match=r"^LENET5_CLUSTER: \w+ is not installed; `make extras`.*extra `cluster`\)$"):
        chosen(tmp_path, LENET5_CLUSTER="auto")


def test_a_cluster_comes_before_processes(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs the extra `cluster` (`make extras`)")
    from lenet5.workers.ray_cluster import RayCluster

    workers = chosen(tmp_path, LENET5_CLUSTER="host:1", LENET5_JOB_CPUS=2, LENET5_JOB_GPUS=0.25, LENET5_WORKERS=3)
    assert isinstance(workers, RayCluster)
    request = workers.request
    assert (request.address, request.cpus, request.gpus) == ("host:1", 2, 0.25)
