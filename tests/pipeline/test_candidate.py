"""Which network is proposed as the champion."""

from pathlib import Path

import numpy as np
import pytest

from lenet5.errors import UserError
from lenet5.params import Params
from lenet5.tracking.records import LoggedNetwork, NetworkContent, RunRecord
from pipeline.files import PREDICTIONS
from pipeline.runs.networks import candidate, network_name
from tests.pipeline.made_results import params_with, write_results


def runs(params: Params) -> list[RunRecord]:
    """A run for each network, its name as key."""

    def unasked() -> NetworkContent:
        raise AssertionError("the network itself has no say")

    names = [network_name(row, seed) for row in params.train.rows for seed in params.train.seeds]
    networks = [LoggedNetwork(name, "digest", unasked) for name in names]
    return [
        RunRecord(key=f"key of {each.name}", plan=each.name, name=each.name, status="FINISHED", network=each)
        for each in networks
    ]


@pytest.mark.parametrize(
    ("papers", "seeds", "expected"),
    [
        ({"one": "lenet5", "two": "lenet5-dist"}, (3, 1, 2), "two-seed-3"),
        ({"two": "lenet5-dist", "one": "lenet5"}, (1, 2), "two-seed-1"),
        ({"one": "lenet5", "other": "lenet5"}, (2, 1), "one-seed-2"),
        ({"other": "lenet5", "one": "lenet5"}, (2, 1), "other-seed-2"),
    ],
)
@pytest.mark.parametrize("errors", [1, 40])
def test_the_papers_error_and_the_order_of_the_seeds_decide(
    papers: dict[str, str],
    seeds: tuple[int, ...],
    expected: str,
    errors: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows: dict[str, dict[str, object]] = {row: {"paper": paper} for row, paper in papers.items()}
    params = params_with(seeds, **rows)
    monkeypatch.chdir(tmp_path)
    write_results(tmp_path, params, errors)
    found = candidate(params.train, runs(params))
    assert (found.name, found.key, found.digest) == (expected, f"key of {expected}", "digest")
    assert np.count_nonzero(found.answers.label != found.answers.predicted) == errors


def test_missing_predictions_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = params_with((1,), one={})
    monkeypatch.chdir(tmp_path)
    with pytest.raises((UserError, FileNotFoundError), match=str(PREDICTIONS / "one" / "seed-1.csv")):
        candidate(params.train, runs(params))
