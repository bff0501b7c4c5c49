"""What docs/security.md promises: versions, addresses of this machine alone, nothing that runs when it is loaded."""

import ast
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from safetensors.numpy import load_file

from lenet5.tracking.sync import sync
from tests.made_networks import network_run
from tests.mlflow_view import empty_database, experiment_id

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "pipeline", "tools", "benchmarks")
SOURCES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
PINNED = dict(re.findall(r"^([a-z0-9.-]+)==([0-9.]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
UNPICKLERS = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
LOADS = {("torch", "load"), ("np", "load"), ("numpy", "load")}


@pytest.mark.parametrize(
    ("package", "mended_in"),
    [
        ("mlflow", "3.17.2"),  # CVE-2026-53995, -64849, -2652, -2393, -2033
        ("pytorch-lightning", "2.6.6"),  # 2.6.2 and 2.6.3 were malicious (CVE-2026-44484); checkpoints ran code
        ("dvc", "3.67.1"),  # those before 3.66 do not go with today's pathspec
    ],
)
def test_versions_are_those_with_the_holes_mended(package: str, mended_in: str) -> None:
    assert numbers(PINNED[package]) >= numbers(mended_in)
    assert f'"{package}>={mended_in}"' in (ROOT / "pyproject.toml").read_text()


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """All that the sources of the project say, with where it stands."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node


def test_nothing_that_a_file_holds_is_run() -> None:
    loads = [place for place, node in nodes() if isinstance(node, ast.Call) and called(node) in LOADS]
    imports = [
        place for place, node in nodes() if isinstance(node, ast.Import | ast.ImportFrom) and UNPICKLERS & names(node)
    ]
    assert loads + imports == []


def called(call: ast.Call) -> tuple[str, str] | None:
    """`torch.load(...)` as (torch, load)."""
    function = call.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id, function.attr
    return None


def names(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The packages that an import statement names."""
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return {module.partition(".")[0] for module in modules}


def test_what_is_logged_holds_no_pickle(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(empty_database())
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    record, _ = network_run(tmp_path, 1, range(5))
    sync([record], uri)
    client = MlflowClient(uri, registry_uri=uri)
    (model,) = client.search_logged_models([experiment_id(client)])
    files = [path for path in Path(model.artifact_location.removeprefix("file://")).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {"", ".json", ".yaml", ".txt", ".py", ".safetensors"}
    for path in files:
        if path.suffix == ".safetensors":
            assert load_file(path)  # a header of JSON, then numbers
        else:
            path.read_bytes().decode("utf-8")
            # What torch saves is a zip file with a pickle in it.
            assert not zipfile.is_zipfile(path)


def test_servers_listen_on_this_machine_alone() -> None:
    files = [ROOT / "Makefile", ROOT / "tools" / "serve.py", ROOT / "tools" / "dashboard.py"]
    hosts = [host for file in files for host in re.findall(r'--host"?,? "?([^\s",]+)', file.read_text())]
    assert hosts == ["127.0.0.1"] * 3
    assert not any("0.0.0.0" in path.read_text() for path in SOURCES)
