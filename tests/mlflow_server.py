"""Servers that a tracking address may name: MLflow's own as a process, and one that misbehaves."""

import http.server
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.ports import free_port


@contextmanager
def mlflow_server(folder: Path, backend: str) -> Iterator[str]:
    """The address of `mlflow server` on the database `backend`; it keeps artifacts in `folder`."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mlflow", "server", "--host=127.0.0.1", f"--port={port}", "--workers=1"]
    command += [f"--backend-store-uri={backend}", f"--artifacts-destination={folder / 'artifacts'}"]
    with (folder / "server.log").open("w") as log:
        # A session of its own, so that its workers can be ended with it.
        server = subprocess.Popen(
            command, cwd=folder, env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_for_health(address, server)
        yield address
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def wait_for_health(address: str, server: "subprocess.Popen[bytes]", patience_s: float = 90) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError(f"no MLflow server at {address} (exit code {server.poll()})")


@contextmanager
def serving(status: int, delay_s: float = 0.0) -> Iterator[str]:
    """The address of a server that gives every request the same answer, after so long."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(delay_s)
            with suppress(OSError):
                self.send_error(status)

        do_POST = do_PATCH = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.block_on_close = False
