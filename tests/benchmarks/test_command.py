"""`python -m benchmarks` and its contestants as a person runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.parts import path_of
from benchmarks.processes import Contestant, plain_environment
from lenet5.errors import UserError
from tests.training.made_data import make_data, write_data

ROOT = Path(__file__).parents[2]


def bench(*arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=plain_environment(), input=answers, capture_output=True, text=True)


def test_an_unknown_row_is_one_clear_line() -> None:
    said = bench("benchmarks", "epochs")
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert "no row 'epochs'; there are epoch, distortions" in line


@pytest.fixture(scope="module")
def training_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data") / "training.safetensors", make_data())


@pytest.mark.parametrize("name", ["bare", "loop", "ours"])
def test_a_contestant_answers_once_for_every_line(name: str, training_data: Path) -> None:
    options = (
        "--numerics",
        "portable",
        "--training-data",
        str(training_data),
        "--patterns",
        "60",
        "--batch-size",
        "32",
    )
    said = bench("benchmarks.contestants", name, *options, answers="\n\n")
    ready, *answers = said.stdout.splitlines()
    assert ready == "ready", said.stderr
    assert [json.loads(answer)["size"] for answer in answers] == [60, 60]
    assert all(json.loads(answer)["seconds"] > 0 for answer in answers)


def test_a_contestant_that_cannot_work_says_why(tmp_path: Path) -> None:
    options = f"bare --numerics portable --training-data {tmp_path / 'none.safetensors'}"
    contestant = Contestant("a test of failure", options, plain_environment())
    with pytest.raises(UserError, match=r"ended with 1: .*none\.safetensors: cannot be read"):
        contestant.answer()


def test_parts_have_names_of_their_own() -> None:
    assert path_of(100, 10) != path_of(100, 0)


def test_the_environment_has_no_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "OMP_NUM_THREADS", "1")
    assert "OMP_NUM_THREADS" not in plain_environment()
