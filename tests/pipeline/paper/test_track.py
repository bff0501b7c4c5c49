"""The 1998 experiment in MLflow: every row, network and curve, once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lenet5.errors import UserError
from lenet5.params import load_params
from lenet5.sdlm.params import load_paper_params
from lenet5.settings import Settings
from pipeline.files import TEST_DATA
from pipeline.paper import planned, track
from pipeline.paper.files import (
    CHOSEN,
    COMPARISON,
    CURVES,
    FIDELITY,
    METRICS,
    MODELS,
    PAGE,
)
from pipeline.paper.planned import EXPERIMENT
from tests.mlflow_view import Shown, empty_database, shown
from tests.pipeline.paper.made_experiment import PARAMS, content
from tests.pipeline.paper.made_results import ROWS, write_comparison, write_made_up, write_results
from tests.pipeline.stage import write_params

SEEDS = (1, 2, 3)
URI = "sqlite:///mlflow.db"
HISTORY = [(number, 0.0005, 3 / number, 5 / number, 7e-05, 0.016) for number in range(1, 21)]
"""Pass, global rate, loss, error in percent, lowest and highest rate of a weight: the same for every network."""


def write_everything(folder: Path) -> None:
    """What the stages before leave, and both params files."""
    write_results(folder, SEEDS)
    write_params(folder)
    (folder / PARAMS).parent.mkdir(parents=True)
    YAML(typ="safe").dump(content(), folder / PARAMS)
    YAML(typ="safe").dump({"choice": "j 30.0", "conventions": content()["conventions"]}, folder / CHOSEN)
    measured = {"error_pct": 1.0, "std_pct": 0.1, "ci_low_pct": 0.9, "ci_high_pct": 1.1}
    metrics = {row: measured | {"seeds": {f"seed-{seed}": 1.0 for seed in SEEDS}} for row in ROWS}
    (folder / METRICS).write_text(json.dumps(metrics))
    write_comparison(folder, ROWS)
    networks = [MODELS / row / f"seed-{seed}.safetensors" for row in ROWS for seed in SEEDS]
    write_made_up(folder, TEST_DATA, *networks)
    history = [
        "pass,eta,train_loss,train_error_pct,lowest_rate,highest_rate",
        *(",".join(map(str, line)) for line in HISTORY),
    ]
    for network in networks:
        (folder / network.with_suffix(".csv")).write_text("\n".join(history) + "\n")


def run() -> None:
    track.main(load_params(), load_paper_params(), Settings(MLFLOW_TRACKING_URI=URI))


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of results that track has shown in MLflow; the test is in it."""
    folder = tmp_path_factory.mktemp("tracked-1998")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_everything(folder)
        Path("mlflow.db").write_bytes(empty_database())
        run()
        yield folder


@pytest.fixture(scope="module")
def runs(tracked: Path) -> dict[str, Shown]:
    return shown(URI, EXPERIMENT)


def of_kind(runs: dict[str, Shown], kind: str) -> list[Shown]:
    return [run for run in runs.values() if run["tags"]["kind"] == kind]


def test_every_row_and_network_is_a_run(runs: dict[str, Shown]) -> None:
    rows = {key: run for key, run in runs.items() if run["tags"]["kind"] == "row"}
    assert sorted(run["tags"]["row"] for run in rows.values()) == sorted(ROWS)
    networks = of_kind(runs, "network")
    assert sorted((run["tags"]["row"], run["params"]["seed"]) for run in networks) == sorted(
        (row, str(seed)) for row in ROWS for seed in SEEDS
    )
    assert all(rows[run["parent"]]["tags"]["row"] == run["tags"]["row"] for run in networks)
    assert len(runs) == len(rows) + len(networks) + 1


def test_a_network_has_its_curves_and_what_it_is_of(runs: dict[str, Shown]) -> None:
    (run,) = [run for run in of_kind(runs, "network") if (run["tags"]["row"], run["tags"]["seed"]) == ("lenet5", "2")]
    for name, column in (("learning_rate", 1), ("train/loss", 2), ("train/error_pct", 3)):
        assert run["metrics"][name] == [(line[0], line[column]) for line in HISTORY]
    lines = [line.split(",") for line in CURVES.read_text().splitlines() if line.startswith("lenet5,2,")]
    assert run["metrics"]["test/error_pct"] == [(int(line[2]), float(line[6])) for line in lines]
    assert run["params"].items() >= {"j": "10", "loss": "map", "schedule.mu": "0.02", "size": "60000"}.items()
    assert f"dvc.out.{MODELS}/lenet5/seed-2.safetensors" in run["tags"]
    assert run["tags"]["command"].endswith("make paper")


def test_the_comparison_has_the_page_and_the_figures(runs: dict[str, Shown]) -> None:
    (run,) = of_kind(runs, "comparison")
    assert {PAGE.name, FIDELITY.name, COMPARISON.name, "figures/passes.png"} <= run["artifacts"].keys()
    assert run["tags"]["verdict.lenet5-dist"] == "reproduced"


def test_a_second_track_adds_nothing(tracked: Path, runs: dict[str, Shown], capsys: pytest.CaptureFixture[str]) -> None:
    run()
    assert f"{len(runs)} runs: {len(runs)} already there" in capsys.readouterr().out
    assert shown(URI, EXPERIMENT) == runs


def test_results_of_other_params_are_refused(tracked: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lock = tmp_path / "dvc.lock"
    made_with = {str(PARAMS): {"schedule": content()["schedule"] | {"mu": 0.5}}}
    YAML(typ="safe").dump({"schema": "2.0", "stages": {"train": {"params": made_with}}}, lock)
    monkeypatch.setattr(planned, "LOCK", lock)
    with pytest.raises(UserError, match=r"pipeline/paper/params.yaml: schedule was changed since train ran"):
        run()
