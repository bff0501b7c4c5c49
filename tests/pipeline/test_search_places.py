"""The search stage, as a person starts it, on all the places where its jobs may run: the same bytes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.files import STUDY, TEST_DATA
from tests.pipeline.made_inputs import contents, run_here, write_inputs
from tests.pipeline.stage import start
from tests.ray_cluster import TwoNodes, two_nodes


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """trials.csv and best.yaml as this process makes them."""
    folder = tmp_path_factory.mktemp("here")
    write(folder)
    run_here("search", folder)
    return contents(folder, str(STUDY))


@pytest.fixture(scope="module")
def ray_nodes() -> Iterator[TwoNodes]:
    with two_nodes() as nodes:
        yield nodes


def write(folder: Path) -> None:
    write_inputs(folder, search={"trials": 8, "round_size": 4})
    (folder / TEST_DATA).unlink()


@pytest.mark.parametrize("workers", ["1", "2", pytest.param("4", marks=pytest.mark.slow)])
def test_any_number_of_processes(workers: str, expected: dict[str, bytes], tmp_path: Path) -> None:
    write(tmp_path)
    search(tmp_path, LENET5_WORKERS=workers)
    assert contents(tmp_path, str(STUDY)) == expected


@pytest.mark.slow
def test_two_ray_nodes_which_share_no_folder_with_the_coordinator(
    ray_nodes: TwoNodes, expected: dict[str, bytes], tmp_path: Path
) -> None:
    write(tmp_path)
    said = search(tmp_path, LENET5_CLUSTER=ray_nodes.address, LENET5_JOB_CPUS="0.5")
    assert contents(tmp_path, str(STUDY)) == expected
    # Nothing but the stage's own lines: no traceback, no notes of Ray.
    assert [line for line in said.splitlines() if not line.startswith("search: ")] == []


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("LENET5_CLUSTER", "127.0.0.1:1", "no Ray cluster answers at 127.0.0.1:1"),
        ("LENET5_CLUSTER", "nonsense", "should be auto, host:port or ray://host:port (found 'nonsense')"),
        ("LENET5_JOB_GPUS", "2", "Input should be less than or equal to 1 (found '2')"),
        ("OPTUNA_STORAGE", "postgresql://me:secret@127.0.0.1:1/studies", "Connection refused"),
    ],
)
def test_a_place_that_cannot_be_used_is_one_line_and_nothing_is_written(
    variable: str, value: str, complaint: str, tmp_path: Path
) -> None:
    if "cluster" in complaint.lower():
        pytest.importorskip("ray", reason="needs the extra `cluster` (`make extras`)")
    if value.startswith("postgresql"):
        pytest.importorskip("psycopg", reason="needs the extra `postgresql` (`make extras`)")
    write(tmp_path)
    before = contents(tmp_path, ".")
    process = start("search", tmp_path, None, None, subprocess.PIPE, **{"LENET5_WORKERS": "0", variable: value})
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    line = said.splitlines()[-1]
    assert line.startswith(f"search: {variable}: ")
    assert complaint in line
    assert "secret" not in said
    assert "Traceback" not in said
    assert contents(tmp_path, ".") == before


def search(folder: Path, **environment: str) -> str:
    """Run the stage in `folder`; what it says on stderr."""
    process = start("search", folder, None, None, subprocess.PIPE, **environment)
    _, said = process.communicate(timeout=170)
    assert process.returncode == 0, said
    return said
