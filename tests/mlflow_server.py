"""A real MLflow server for a database, on the loopback interface."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port
from tests.processes import wait_until

PATIENCE_S = 120


@contextmanager
def mlflow_server(database: Path) -> Iterator[str]:
    """Serve `database` as `make ui` does, while the block runs: the address."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", f"sqlite:///{database}"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "NO_PROXY": "127.0.0.1"}
    log = database.with_name("server.log")
    with log.open("wb") as said:
        # A group of its own: the server starts others, which must end with it.
        server = subprocess.Popen(
            command, cwd=database.parent, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        try:
            assert wait_until(lambda: server.poll() is None and answers(f"{address}/health"), PATIENCE_S), (
                log.read_text()
            )
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
