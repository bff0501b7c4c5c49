"""A Ray cluster of two nodes on this machine, on its loopback interface alone."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.ports import free_port
from tests.processes import children_of, wait_until

NODE: dict[str, Any] = {
    "num_cpus": 1,
    "node_ip_address": "127.0.0.1",
    "object_store_memory": 100 * 2**20,
    "include_dashboard": False,
}
# Whatever a node inherits from the tests: it is to get the arithmetic from the coordinator.
STRANGE = {"MKL_CBWR": "AUTO", "OMP_NUM_THREADS": "2", "ATEN_CPU_CAPABILITY": "default"}


class TwoNodes:
    """The cluster: a head, and a node that may be killed and replaced."""

    def __init__(self, folder: Path) -> None:
        from ray.cluster_utils import Cluster

        with patch.dict(os.environ, STRANGE):
            head = NODE | {"temp_dir": str(folder), "ray_client_server_port": free_port()}
            self.cluster = Cluster(initialize_head=True, head_node_args=head)
            self.node = self.cluster.add_node(**NODE)
        self.address: str = self.cluster.address
        self.client_address = f"ray://127.0.0.1:{head['ray_client_server_port']}"

    @property
    def raylets(self) -> list[int]:
        """The process that manages each node, the head first."""
        nodes = [self.cluster.head_node, self.node]
        return [node.all_processes["raylet"][0].process.pid for node in nodes]

    def workers(self) -> list[int]:
        """The processes on both nodes that are training. (Ray waits a minute for one that is killed as it starts.)"""
        children = [child for raylet in self.raylets for child in children_of(raylet)]
        return [child for child in children if name_of(child).startswith("ray::train_epoc")]

    def kill_node(self) -> None:
        """kill -9 of the second node: what manages it, and all that it has started."""
        raylet = self.raylets[1]
        for process in [raylet, *children_of(raylet)]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def replace_node(self) -> None:
        """Another second node, for one that was killed."""
        self.cluster.remove_node(self.node, allow_graceful=False)
        with patch.dict(os.environ, STRANGE):
            self.node = self.cluster.add_node(**NODE)


def name_of(process: int) -> str:
    """What a process calls itself; Ray's workers by what they do."""
    with suppress(OSError):
        return Path(f"/proc/{process}/comm").read_text().strip()
    return ""


@contextmanager
def two_nodes() -> Iterator[TwoNodes]:
    """The cluster, while the block runs; skips the test if Ray is not installed."""
    pytest.importorskip("ray", reason="needs the extra `cluster` (`make extras`)")
    # The paths of its sockets must be short.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        nodes = TwoNodes(Path(folder))
        processes = [child for raylet in nodes.raylets for child in (raylet, *children_of(raylet))]
        try:
            yield nodes
        finally:
            nodes.cluster.shutdown()
            assert wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in processes))
