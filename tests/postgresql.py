"""A PostgreSQL server of the tests' own, in a temporary folder, on a port of the loopback interface."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

PASSWORD = "a password: 50 % / @home"
"""With all that has a meaning in a URL."""


@dataclass(frozen=True)
class Server:
    """A server that runs, and how to reach it."""

    programs: Path
    folder: Path
    port: int

    def url(self, database: str) -> str:
        return f"postgresql://tests:a%20password%3A%2050%20%25%20%2F%20%40home@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new, empty database: its URL."""
        self.run("createdb", "--host=127.0.0.1", f"--port={self.port}", "--username=tests", database)
        return self.url(database)

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories='' -c fsync=off"
        log = f"--log={self.folder / 'log'}"
        self.run("pg_ctl", "start", "--wait", "--timeout=60", f"--pgdata={self.folder / 'data'}", log, f"-o{options}")

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--wait", "--mode=immediate", f"--pgdata={self.folder / 'data'}")

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL; not as root, which the server refuses."""
        drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        command = [*drop, str(self.programs / program), *arguments]
        done = subprocess.run(command, env=environment, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert done.returncode == 0, f"{command}: {done.stderr.decode()}"


def programs() -> Path:
    """Where Debian's package or PATH has the server; skips the test if there is none."""
    pytest.importorskip("psycopg", reason="needs the extra `postgresql` (`make extras`)")
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if found := shutil.which("initdb"):
        places.append(Path(found).parent)
    for place in places:
        if (place / "initdb").exists():
            return place
    pytest.skip("needs a PostgreSQL server (Debian: postgresql)")


@contextmanager
def postgresql() -> Iterator[Server]:
    """The server, while the block runs."""
    found = programs()
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        server = Server(found, folder, free_port())
        password = folder / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (folder, password):
                shutil.chown(path, "nobody", "nogroup")
        data = f"--pgdata={folder / 'data'}"
        server.run(
            "initdb", data, "--username=tests", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync", "-EUTF8"
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
