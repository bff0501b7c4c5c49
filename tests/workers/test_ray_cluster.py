"""What may happen on a Ray cluster: no cluster, one without room, a worker or a node that dies, other code."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lenet5.errors import UserError
from lenet5.settings import Settings
from lenet5.training.job import JobFailure
from lenet5.training.module import run
from lenet5.workers.choice import workers_for
from lenet5.workers.interface import History, Workers
from tests.patience import soon
from tests.processes import wait_until
from tests.ray_cluster import TwoNodes
from tests.training.made_data import make_data, make_job
from tests.workers.counting import EpochCount, as_bytes

ROOT = Path(__file__).parents[2]
DATA = make_data()
JOBS = [make_job(4, batch_size=2), make_job(3, distorted=True, seed=2)]
pytest.importorskip("ray", reason="needs the extra `cluster` (`make extras`)")


def workers_at(address: str, data_file: Path, tmp_path: Path, **settings: float) -> Workers:
    chosen = Settings.model_validate({"LENET5_CLUSTER": address, **settings})
    return workers_for(chosen, data_file, tmp_path / "jobs")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("form", ["127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:{silent}", "no.such.host.invalid:1"])
def test_an_address_that_does_not_answer_is_one_line_soon(
    form: str, silent_port: int, data_file: Path, tmp_path: Path
) -> None:
    address = form.format(silent=silent_port)
    with (
        soon(),
        pytest.raises(UserError, match=rf"^LENET5_CLUSTER: no Ray cluster answers at {re.escape(address)}; .+$"),
        workers_at(address, data_file, tmp_path),
    ):
        pass


def test_no_cluster_on_this_machine_is_one_line(
    data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where Ray looks for a cluster that runs here: a stale sign of one that has ended.
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with (
        pytest.raises(UserError, match=r"^LENET5_CLUSTER: no Ray cluster answers on this machine; should be auto, "),
        workers_at("auto", data_file, tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"LENET5_JOB_CPUS": 1.5}, r"LENET5_JOB_CPUS: no node of the cluster has 1\.5 CPU; the most is 1"),
        ({"LENET5_JOB_GPUS": 0.5}, r"LENET5_JOB_GPUS: `numerics: portable` computes on the CPU alone; .+"),
    ],
)
def test_what_no_node_has_is_said_at_once(
    wanted: dict[str, float], complaint: str, ray_nodes: TwoNodes, data_file: Path, tmp_path: Path
) -> None:
    with (
        pytest.raises(UserError, match=f"^{complaint}$"),
        workers_at(ray_nodes.address, data_file, tmp_path, **wanted),
    ):
        pass


def test_a_worker_that_is_killed_changes_nothing(ray_nodes: TwoNodes, data_file: Path, tmp_path: Path) -> None:
    trained: dict[int, list[int]] = {position: [] for position in range(len(JOBS))}
    killed: list[int] = []

    def kill_one(position: int, history: History) -> None:
        trained[position].append(len(history))
        if not killed and (others := ray_nodes.workers()):
            killed.append(others[0])
            os.kill(others[0], signal.SIGKILL)

    with workers_at(ray_nodes.address, data_file, tmp_path, LENET5_JOB_CPUS=0.5) as workers:
        results = workers.run(JOBS, kill_one)
    assert killed
    assert trained == {position: list(range(1, job.epochs + 1)) for position, job in enumerate(JOBS)}
    assert as_bytes(results) == as_bytes([run(job, DATA) for job in JOBS])


@pytest.mark.slow
def test_a_node_that_dies_changes_nothing(ray_nodes: TwoNodes, data_file: Path, tmp_path: Path) -> None:
    trained = EpochCount()

    def kill_once(position: int, history: History) -> None:
        trained(position, history)
        if trained.epochs == 3:
            ray_nodes.kill_node()

    try:
        with workers_at(ray_nodes.address, data_file, tmp_path) as workers:
            results = workers.run(JOBS, kill_once)
    finally:
        ray_nodes.replace_node()
    assert trained.epochs == 7
    assert as_bytes(results) == as_bytes([run(job, DATA) for job in JOBS])


@pytest.mark.slow
def test_a_job_whose_worker_dies_three_times_is_given_up_alone(
    ray_nodes: TwoNodes, data_file: Path, tmp_path: Path
) -> None:
    killed, end = set[int](), threading.Event()

    def kill() -> None:
        while not end.wait(0.02) and len(killed) < 3:
            for worker in set(ray_nodes.workers()) - killed:
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)

    thread = threading.Thread(target=kill)
    with workers_at(ray_nodes.address, data_file, tmp_path) as workers:
        thread.start()
        (failure,) = workers.run(JOBS[:1], EpochCount())
        end.set()
        thread.join()
        assert isinstance(failure, JobFailure)
        assert re.fullmatch(r"LENET5_CLUSTER: .*died 3 times \(\w+: .+\).*LENET5_JOB_CPUS", failure.reason)
        assert as_bytes(workers.run(JOBS[1:], EpochCount())) == as_bytes([run(JOBS[1], DATA)])


def test_a_node_that_computes_otherwise_is_one_line(
    ray_nodes: TwoNodes, data_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet5.workers.ray_cluster.code_digest", lambda _: "of other libraries")
    with (
        workers_at(ray_nodes.address, data_file, tmp_path) as workers,
        pytest.raises(
            UserError, match=r"^LENET5_CLUSTER: a node computes with other libraries .+; install .+$"
        ) as raised,
    ):
        workers.run(JOBS, EpochCount())
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_a_machine_outside_the_cluster_takes_part_through_the_client(
    ray_nodes: TwoNodes, data_file: Path, tmp_path: Path
) -> None:
    with workers_at(ray_nodes.client_address, data_file, tmp_path) as workers:
        results = workers.run(JOBS, EpochCount())
    assert as_bytes(results) == as_bytes([run(job, DATA) for job in JOBS])


COORDINATOR = """
import signal, sys
from pathlib import Path
from lenet5.settings import load_settings
from lenet5.workers.choice import workers_for
from pipeline.command import stop
from tests.training.made_data import make_job

signal.signal(signal.SIGTERM, stop)
with workers_for(load_settings(), Path(sys.argv[1]), Path(sys.argv[2])) as workers:
    workers.run([make_job(1000)], lambda _position, history: print(len(history), flush=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_nothing_goes_on_without_its_coordinator(
    stop: signal.Signals, code: int, ray_nodes: TwoNodes, data_file: Path, tmp_path: Path
) -> None:
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "LENET5_CLUSTER": ray_nodes.address,
    }
    command = [sys.executable, "-c", COORDINATOR, str(data_file), str(tmp_path / "jobs")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        assert [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
        trainers = ray_nodes.workers()
        process.send_signal(stop)
        assert process.wait(60) == code
        assert process.stderr.read() == ""
        assert wait_until(lambda: not set(trainers) & set(ray_nodes.workers()))
