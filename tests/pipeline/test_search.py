"""The search stage on a small data set: what it writes, and that nothing but data and params decides it."""

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lenet5.errors import UserError
from lenet5.models.lenet import multiply_adds
from lenet5.models.sizes import Sizes
from pipeline.files import BEST, FRONT, IMPORTANCES, STUDY, TEST_DATA, TRAINING_DATA, TRIALS, read_hyperparameters
from pipeline.study_results import Trial, read_front, read_importances, read_trials
from tests.pipeline.made_inputs import HYPERPARAMETERS, SEARCH, contents, run_here, write_inputs, write_small_params


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the search has run; tests must not change it. There is no test set."""
    folder = tmp_path_factory.mktemp("searched")
    write_inputs(folder)
    (folder / TEST_DATA).unlink()
    run_here("search", folder)
    return folder


@pytest.fixture
def copy(searched: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(searched, tmp_path / "copy")


def test_trials_come_in_rounds_and_the_worse_part_stops_at_the_first_rung(searched: Path) -> None:
    trials = read_trials(searched / TRIALS)
    assert [(trial.number, trial.round) for trial in trials] == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)]
    for number in (0, 1):
        of_round = [trial for trial in trials if trial.round == number]
        assert sorted(trial.state for trial in of_round) == ["COMPLETE", "COMPLETE", "PRUNED"]
        # Of two that are equally bad, the later one.
        assert max(of_round, key=lambda trial: (trial.rungs[1], trial.number)).state == "PRUNED"
    for trial in trials:
        assert list(trial.rungs) == [1] if trial.state == "PRUNED" else [1, 2]
        assert (trial.epochs, trial.val_error_pct) == (max(trial.rungs), trial.rungs[max(trial.rungs)])


def test_best_is_the_complete_trial_with_the_smallest_error(searched: Path) -> None:
    best = YAML(typ="safe").load(searched / BEST)
    assert list(best) == ["study", "trial", "val_error_pct", "hyperparameters"]
    complete = [trial for trial in read_trials(searched / TRIALS) if trial.state == "COMPLETE"]
    chosen = min(complete, key=lambda trial: (error_of(trial), trial.number))
    assert (best["trial"], best["val_error_pct"]) == (chosen.number, chosen.val_error_pct)
    assert read_hyperparameters(searched / BEST, "search").model_dump() == chosen.hyperparameters
    # It learns: chance is 90 %.
    assert error_of(chosen) < 60


def test_two_objectives_leave_a_front_of_networks_of_other_sizes(tmp_path: Path) -> None:
    space = {
        "c3_maps": {"type": "categorical", "choices": [2, 16]},
        "momentum": {"type": "float", "low": 0.8, "high": 0.9},
    }
    fixed = {name: value for name, value in HYPERPARAMETERS.items() if name not in space}
    objectives = ["val_error_pct", "multiply_adds"]
    write_inputs(tmp_path, search={"space": space, "fixed": fixed, "objectives": objectives, "trials": 3})
    run_here("search", tmp_path)
    trials = {trial.number: trial for trial in read_trials(tmp_path / TRIALS)}
    costs = {trial.hyperparameters["c3_maps"]: trial.multiply_adds for trial in trials.values()}
    assert all(costs[maps] == multiply_adds("lenet5", Sizes(c3_maps=int(maps))) for maps in costs)
    front = read_front(tmp_path / FRONT)
    assert front and all((trials[number].multiply_adds, error_of(trials[number])) == front[number] for number in front)
    assert read_importances(tmp_path / IMPORTANCES).keys() == space.keys()


def error_of(trial: Trial) -> float:
    assert trial.val_error_pct is not None
    return trial.val_error_pct


def test_finished_study_is_written_again_without_any_training(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = contents(copy, "reports")
    shutil.rmtree(copy / STUDY)
    shutil.rmtree(copy / ".cache")
    run_here("search", copy)
    assert contents(copy, "reports") == before
    assert "search: 0 of 0 epochs" in capfd.readouterr().err


def test_lost_study_is_made_again_from_the_finished_jobs(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = contents(copy, "reports")
    shutil.rmtree(copy / ".studies")
    run_here("search", copy)
    assert contents(copy, "reports") == before
    assert "search: 0 of 0 epochs" in capfd.readouterr().err


def test_more_trials_go_on_with_the_same_study(copy: Path) -> None:
    before = (copy / TRIALS).read_text()
    write_small_params(copy, search={"trials": SEARCH["trials"] + SEARCH["round_size"]})
    run_here("search", copy)
    assert (copy / TRIALS).read_text().startswith(before)
    assert len(read_trials(copy / TRIALS)) == SEARCH["trials"] + SEARCH["round_size"]


def test_other_data_make_another_study(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content = bytearray((copy / TRAINING_DATA).read_bytes())
    content[-1] ^= 0x10
    (copy / TRAINING_DATA).write_bytes(content)
    run_here("search", copy)
    assert "search: 10 of 10 epochs" in capfd.readouterr().err


@pytest.mark.parametrize("workers", [0, 1])
def test_damaged_training_data_are_one_line(tmp_path: Path, workers: int) -> None:
    write_inputs(tmp_path)
    content = (tmp_path / TRAINING_DATA).read_bytes()
    (tmp_path / TRAINING_DATA).write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match=rf"^{TRAINING_DATA}: is damaged \(.+\); `dvc repro -f prepare`") as raised:
        run_here("search", tmp_path, workers)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / STUDY).exists()


def test_missing_training_data_are_one_line(tmp_path: Path) -> None:
    write_small_params(tmp_path)
    with pytest.raises(UserError, match=rf"^{TRAINING_DATA}: cannot be read \(No such file or directory\)"):
        run_here("search", tmp_path)
    assert not (tmp_path / STUDY).exists()
