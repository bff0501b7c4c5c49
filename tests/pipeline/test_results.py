"""Result files are read back as they were written, and a damaged one is refused in one line that names it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lenet5.errors import UserError
from pipeline.files import FRONT, IMPORTANCES, MODELS, PREDICTIONS, TRIALS
from pipeline.results import read_history, read_misclassified, read_predictions, seed_files
from pipeline.study_results import read_front, read_importances, read_trials
from tests.pipeline.made_results import PATTERNS, params_with, write_results

PARAMS = params_with(seeds=(3, 1), lenet5={})
CSV = PREDICTIONS / "lenet5" / "seed-3.csv"
HISTORY = MODELS / "lenet5" / "seed-3.csv"
ERRORS = PREDICTIONS / "lenet5" / "errors.safetensors"


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_results(tmp_path, PARAMS)
    monkeypatch.chdir(tmp_path)


def test_files_come_back_as_they_were_written() -> None:
    predictions = read_predictions(CSV)
    assert predictions.scores.shape == (PATTERNS, 10)
    assert np.flatnonzero(predictions.predicted != predictions.label).tolist() == [0, 1, 2, 3]
    history = read_history(HISTORY)
    assert history.epoch.tolist() == [1, 2, 3]
    assert history.train_error_pct.tolist() == [11.0, 11.0 / 4, 11.0 / 9]
    wrong = read_misclassified(ERRORS, predictions)
    assert (wrong.images.shape, wrong.predicted.tolist()) == ((4, 32, 32), [1, 2, 3, 4])
    trials = read_trials(TRIALS)
    assert [trial.state for trial in trials] == ["COMPLETE", "PRUNED", "FAILED", "COMPLETE", "PRUNED"]
    assert trials[4].rungs == {1: 3.4, 2: 2.4}
    assert (trials[2].val_error_pct, trials[2].epochs, trials[2].rungs) == (None, None, {})
    assert trials[0].hyperparameters["weight_decay"] == 1e-4


def test_seed_files_come_in_the_order_of_params() -> None:
    assert list(seed_files(PREDICTIONS, PARAMS.train)["lenet5"]) == [3, 1]


@pytest.mark.parametrize("stray", ["lenet5/seed-2.csv", "lenet5-dist/seed-1.csv", "lenet5/seed-03.csv"])
def test_a_file_that_params_do_not_list_is_refused(stray: str) -> None:
    path = PREDICTIONS / stray
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(CSV.read_bytes())
    with pytest.raises(UserError, match=rf"^{path}: params.yaml lists no such row and seed"):
        seed_files(PREDICTIONS, PARAMS.train)


def test_a_missing_file_is_refused() -> None:
    CSV.unlink()
    with pytest.raises(UserError, match=rf"^{CSV}: is missing"):
        seed_files(PREDICTIONS, PARAMS.train)


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("score_9", "score_10", "the columns must be index,label"),
        ("\n7,7,7,-7.25", "\n7,7,7,nan", "line 9: every number must be finite"),
        ("\n7,7,7,-7.25", "\n7,7,7,inf", "line 9: every number must be finite"),
        ("\n7,7,7,-7.25", "\n7,7,7,x", "not a table of numbers"),
        ("\n7,7,7,-7.25", "\n7,7,7", "not a table of numbers"),
        ("\n7,7,7,-7.25", "\n8,7,7,-7.25", "line 9: index must count"),
        ("\n7,7,7,-7.25", "\n7,10,7,-7.25", "line 9: label must be a digit"),
        ("\n7,7,7,-7.25", "\n7,7,0.5,-7.25", "line 9: predicted must be a digit"),
        ("\n7,7,7,-7.25", "\n7,7,6,-7.25", "line 9: predicted must be the digit with the largest score"),
    ],
)
def test_damaged_predictions_are_refused_in_one_line(good: str, bad: str, complaint: str) -> None:
    text = CSV.read_text()
    assert good in text
    CSV.write_text(text.replace(good, bad, 1))
    refused(partial(read_predictions, CSV), CSV, complaint)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"index\n", b"\x00" * 100])
def test_what_is_no_table_at_all_is_refused_in_one_line(content: bytes) -> None:
    for path, read in ((CSV, read_predictions), (HISTORY, read_history), (TRIALS, read_trials)):
        path.write_bytes(content)
        refused(partial(read, path), path, "columns|not a table")


def test_a_table_with_a_header_alone_is_refused() -> None:
    HISTORY.write_text(HISTORY.read_text().splitlines()[0] + "\n")
    refused(partial(read_history, HISTORY), HISTORY, "4 numbers on each of one or more lines")


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("PRUNED", "RUNNING", "state 'RUNNING' is none of COMPLETE, PRUNED, FAILED"),
        ("0.05,0.9", "0.05,much", "'much'"),
        ("epoch_4", "epoch_last", "'last'"),
        ("momentum", "speed", "the columns must be trial,round,state"),
        ("4,1,PRUNED,0.04", "4,1,PRUNED", "not a table of trials"),
    ],
)
def test_damaged_trials_are_refused_in_one_line(good: str, bad: str, complaint: str) -> None:
    text = TRIALS.read_text()
    assert good in text
    TRIALS.write_text(text.replace(good, bad, 1))
    refused(partial(read_trials, TRIALS), TRIALS, complaint)


def test_patterns_of_another_network_are_refused() -> None:
    other = read_predictions(PREDICTIONS / "lenet5" / "seed-1.csv")
    refused(partial(read_misclassified, ERRORS, other), ERRORS, "does not hold the 4 patterns")


@pytest.mark.parametrize("content", [b"", b"\x00" * 20])
def test_a_damaged_file_of_patterns_is_refused(content: bytes) -> None:
    ERRORS.write_bytes(content)
    refused(partial(read_misclassified, ERRORS, read_predictions(CSV)), ERRORS, "not a file of misclassified patterns")


def refused(read: Callable[[], object], path: Path, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        read()
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_the_front_of_one_objective_is_no_front_to_draw() -> None:
    assert read_front(FRONT) is None
    text = FRONT.read_text().replace("val_error_pct,", "val_error_pct,multiply_adds,")
    FRONT.write_text(text.replace("1.25,", "1.25,326520,"))
    assert read_front(FRONT) == {3: (326520, 1.25)}
    assert read_importances(IMPORTANCES) == {"learning_rate": 0.75, "momentum": 0.25, "batch_size": 0.0}


@pytest.mark.parametrize(("path", "read"), [(FRONT, read_front), (IMPORTANCES, read_importances)])
def test_damaged_tables_of_the_study_are_refused_in_one_line(path: Path, read: Callable[[Path], object]) -> None:
    text = path.read_text()
    for bad in (text.replace("momentum", "speed,"), text.replace("\n3,", "\nx,").replace(",0.75", ",x"), "\0"):
        path.write_text(bad)
        refused(partial(read, path), path, "columns|not a table")
