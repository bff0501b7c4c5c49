"""The places where jobs may run, and data to train on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lenet5.settings import Settings
from lenet5.workers.choice import workers_for
from lenet5.workers.interface import Workers
from tests.ray_cluster import TwoNodes, two_nodes
from tests.training.made_data import make_data, write_data

Open = Callable[[Path, Path], Workers]
"""Makes workers for a file of training data and a folder of the job cache."""


@pytest.fixture(scope="session")
def ray_nodes() -> Iterator[TwoNodes]:
    with two_nodes() as nodes:
        yield nodes


FOUR = pytest.param("4 processes", marks=pytest.mark.slow)


@pytest.fixture(params=["this process", "1 process", "2 processes", FOUR, "two Ray nodes"])
def place(request: pytest.FixtureRequest) -> Open:
    """One after the other, chosen as a person does."""
    kind: str = request.param
    if kind == "two Ray nodes":
        settings = {"LENET5_CLUSTER": request.getfixturevalue("ray_nodes").address}
    else:
        settings = {"LENET5_WORKERS": "0" if kind == "this process" else kind[0]}
    return lambda data, cache: workers_for(Settings.model_validate(settings), data, cache)


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    return write_data(tmp_path / "training.safetensors", make_data())
