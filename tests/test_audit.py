"""`make audit` with the real pip-audit, and a server on this machine that speaks the protocol of OSV."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

ROOT = Path(__file__).parents[1]
DISKCACHE = {
    "schema_version": "1.7.3",
    "id": "GHSA-w8v5-vhqr-4h9v",
    "aliases": ["CVE-2025-69872"],
    "summary": "DiskCache has unsafe pickle deserialization",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "diskcache"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "5.6.3"}]}],
        }
    ],
}
MLFLOW = {
    "schema_version": "1.7.3",
    "id": "PYSEC-0",
    "aliases": ["CVE-0", "GHSA-0"],
    "details": "A hole,\nmade up.",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "mlflow"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.99.0"}]}],
        }
    ],
}
EXCEPTION = '[[exceptions]]\npackage = "mlflow"\nid = "CVE-0"\nreason = "made up"\n'


class Service(http.server.BaseHTTPRequestHandler):
    """Knows of two holes."""

    known: ClassVar[dict[str, Any]] = {"diskcache": DISKCACHE, "mlflow": MLFLOW}

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self.known.get(query["package"]["name"]) if self.path == "/v1/query" else None
        self.send_response(200 if self.path in ("/v1/query", "/nothing") else 500)
        self.end_headers()
        self.wfile.write(json.dumps({"vulns": [found]} if found else {}).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def audit(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "tools/audit.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Two packages, in the form of the project's locks."""
    path = tmp_path / "some.lock"
    digest = "0" * 64
    path.write_text(
        f"diskcache==5.6.3 \\\n    --hash=sha256:{digest}\n    # via dvc-data\n"
        f"mlflow==3.17.2 ; python_full_version >= '3.11' \\\n    --hash=sha256:{digest}\n"
    )
    return path


def with_exceptions(tmp_path: Path, *texts: str) -> str:
    path = tmp_path / "exceptions.toml"
    path.write_text("".join(texts))
    return f"--exceptions={path}"


def test_holes_are_listed_and_fail_unless_they_are_explained(service: str, lock: Path, tmp_path: Path) -> None:
    found = audit(str(lock), f"--service={service}/v1/query", with_exceptions(tmp_path))
    assert (found.returncode, found.stdout.splitlines()) == (
        1,
        [
            "HOLE: diskcache 5.6.3: CVE-2025-69872, GHSA-w8v5-vhqr-4h9v: "
            "DiskCache has unsafe pickle deserialization (not mended yet)",
            "HOLE: mlflow 3.17.2: CVE-0, GHSA-0, PYSEC-0: A hole, made up. (mended in 3.99.0)",
            "audit: 2 packages, 2 known holes, 0 of them explained",
        ],
    )
    one = audit(str(lock), f"--service={service}/v1/query", with_exceptions(tmp_path, EXCEPTION))
    assert one.returncode == 1
    assert [line.partition(":")[0] for line in one.stdout.splitlines()] == ["HOLE", "explained", "audit"]
    other = EXCEPTION.replace("mlflow", "diskcache").replace("CVE-0", "GHSA-w8v5-vhqr-4h9v")
    both = audit(str(lock), f"--service={service}/v1/query", with_exceptions(tmp_path, EXCEPTION, other))
    assert both.returncode == 0
    assert both.stdout.splitlines()[-1] == "audit: 2 packages, 2 known holes, 2 of them explained"


def test_an_explanation_without_a_hole_is_to_go(service: str, lock: Path, tmp_path: Path) -> None:
    found = audit(str(lock), f"--service={service}/nothing", with_exceptions(tmp_path, EXCEPTION))
    assert found.returncode == 1
    assert "NOT NEEDED: the exception for mlflow CVE-0; remove it" in found.stdout


def test_the_projects_own_locks_and_explanations_go_together(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "known", {"diskcache": DISKCACHE})
    found = audit(f"--service={service}/v1/query")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.endswith("1 known holes, 1 of them explained\n")
    assert int(found.stdout.splitlines()[-1].split()[1]) > 150


@pytest.mark.parametrize("path", [":1/v1/query", "/broken"])
def test_a_service_that_does_not_answer_is_no_clean_bill(path: str, service: str, lock: Path) -> None:
    address = f"http://127.0.0.1{path}" if path.startswith(":") else service + path
    found = audit(str(lock), f"--service={address}")
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith(f"audit: no advisories from {address}, so nothing was audited: ")
    assert found.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[[exceptions]\n", "not valid TOML"),
        ('[[exceptions]]\npackage = "mlflow"\nid = "CVE-0"\n', "exceptions.0.reason: is missing"),
        (EXCEPTION.replace("made up", ""), "exceptions.0.reason: String should have at least 1 character"),
        (EXCEPTION.replace("reason", "because"), "exceptions.0.because: no such key"),
    ],
)
def test_an_exception_must_be_explained(content: str, complaint: str, lock: Path, tmp_path: Path) -> None:
    found = audit(str(lock), with_exceptions(tmp_path, content))
    assert found.returncode == 2
    assert complaint in found.stderr and found.stderr.count("\n") == 1
