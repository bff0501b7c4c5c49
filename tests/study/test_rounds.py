"""The study is a function of its options: not of interruptions, nor of how often it was extended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from optuna.storages import InMemoryStorage

from lenet5.errors import UserError
from lenet5.study.outcome import Trial, best_trial
from lenet5.study.rounds import Event, RungDone, RungStarted, StudyOpened, run_study
from tests.made_study import OPTIONS, SMALL, Counting, cost_of, error_of, evaluate, failing, trials_of
from tests.study.stopping import StoppingStorage, trials_in, trials_of_many_lives

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> list[Trial]:
    return trials_of(tmp_path_factory.mktemp("uninterrupted"))


def test_trials_are_reported_as_evaluated(uninterrupted: list[Trial]) -> None:
    assert [trial.number for trial in uninterrupted] == list(range(8))
    assert [trial.round for trial in uninterrupted] == [0] * 4 + [1] * 4
    for trial in uninterrupted:
        chosen = trial.hyperparameters
        assert trial.val_error_pct == {epochs: error_of(chosen, epochs) for epochs in trial.val_error_pct}
        assert 0.01 <= chosen.learning_rate <= 0.2
        assert chosen.batch_size in (32, 64, 128)
        assert chosen.energy_scale == 0.05


def test_halving_keeps_the_better_half_of_a_round(uninterrupted: list[Trial]) -> None:
    for number in range(2):
        going_on = uninterrupted[number * 4 : number * 4 + 4]
        for rung, kept in ((1, 2), (2, 1)):
            ranked = sorted(going_on, key=lambda trial: (trial.val_error_pct[rung], trial.number))
            assert all(max(trial.val_error_pct) == rung for trial in ranked[kept:])
            assert all(trial.state == "PRUNED" for trial in ranked[kept:])
            going_on = ranked[:kept]
        assert [trial.state for trial in going_on] == ["COMPLETE"]
        assert [max(trial.val_error_pct) for trial in going_on] == [4]


def test_the_earlier_trial_wins_a_tie(tmp_path: Path) -> None:
    trials = trials_of(tmp_path, OPTIONS.model_copy(update={"trials": 4}), lambda jobs, _: [1.0] * len(jobs))
    assert [list(trial.val_error_pct) for trial in trials] == [[1, 2, 4], [1, 2], [1], [1]]
    assert best_trial(trials).number == 0
    assert trials[0].final_error_pct == 1.0


def test_best_trial_is_a_complete_one(uninterrupted: list[Trial]) -> None:
    best = best_trial(uninterrupted)
    assert best.state == "COMPLETE"
    assert best.final_error_pct == min(each.final_error_pct for each in uninterrupted if each.state == "COMPLETE")


def test_progress_is_told_rung_by_rung(tmp_path: Path) -> None:
    told: list[Event] = []
    storage = f"sqlite:///{tmp_path}/s.db"
    trials = run_study(OPTIONS, "s", storage, evaluate, cost_of, told.append)
    assert told[0] == StudyOpened(rounds_done=0, best_pct=None)
    started = [event for event in told if isinstance(event, RungStarted)]
    assert [(each.round, each.rung) for each in started] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert [len(each.trials) for each in started] == [4, 2, 1] * 2
    assert started[3].trials == (4, 5, 6, 7)
    done = [event for event in told if isinstance(event, RungDone)]
    assert [each.going_on for each in done] == [2, 1, 1] * 2
    assert done[-1].best_pct == min(each.final_error_pct for each in trials[4:] if each.state == "COMPLETE")
    told.clear()
    run_study(OPTIONS, "s", storage, evaluate, cost_of, told.append)
    assert told == [StudyOpened(rounds_done=2, best_pct=best_trial(trials).final_error_pct)]


def test_same_options_same_study(uninterrupted: list[Trial], tmp_path: Path) -> None:
    assert trials_of(tmp_path) == uninterrupted
    assert trials_of(tmp_path, name="beside it") == uninterrupted


def test_another_seed_is_another_study(uninterrupted: list[Trial], tmp_path: Path) -> None:
    options = OPTIONS.model_copy(update={"seed": 7, "trials": 4})
    configurations = [trial.hyperparameters for trial in trials_of(tmp_path, options) + uninterrupted]
    assert len({each.model_dump_json() for each in configurations}) == 12


def test_a_finished_study_evaluates_nothing_again(uninterrupted: list[Trial], tmp_path: Path) -> None:
    trials_of(tmp_path)
    counting = Counting()
    assert trials_of(tmp_path, evaluate=counting) == uninterrupted
    assert counting.calls == []


def test_more_trials_are_added_to_what_is_there(uninterrupted: list[Trial], tmp_path: Path) -> None:
    first = trials_of(tmp_path, OPTIONS.model_copy(update={"trials": 4}))
    counting = Counting()
    assert trials_of(tmp_path, evaluate=counting) == uninterrupted
    assert first == uninterrupted[:4]
    evaluated = {each.model_dump_json() for configurations, _ in counting.calls for each in configurations}
    assert evaluated == {trial.hyperparameters.model_dump_json() for trial in uninterrupted[4:]}
    assert trials_of(tmp_path, OPTIONS.model_copy(update={"trials": 4})) == first


def test_interrupted_in_any_evaluation_and_continued_it_is_the_same_study(tmp_path: Path) -> None:
    expected = trials_of(tmp_path, SMALL)
    for call in range(4):
        with pytest.raises(KeyboardInterrupt):
            trials_of(tmp_path / str(call), SMALL, Counting(stop_at=call))
        counting = Counting()
        assert trials_of(tmp_path / str(call), SMALL, counting) == expected
        # What had an error is not asked for again, not even of the job cache.
        assert len(counting.calls) == 4 - call


def test_stopped_before_every_single_write_to_the_store_it_is_the_same_study(tmp_path: Path) -> None:
    stops, trials = trials_of_many_lives(tmp_path, SMALL)
    assert trials == trials_of(tmp_path / "uninterrupted", SMALL)
    # The writes: each trial, its rungs, its end.
    assert stops >= 4 + (4 + 2) + 4 - 1


def test_a_trial_that_fails_is_told_with_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    trials = trials_of(tmp_path, evaluate=failing(numbers_of_epochs=2))
    failed = [trial for trial in trials if trial.state == "FAILED"]
    assert failed and all(trial.hyperparameters.learning_rate < 0.05 for trial in failed)
    assert {trial.reason for trial in failed} == {"its process died 3 times"}
    assert all(list(trial.val_error_pct) == [1] for trial in failed)
    assert {trial.reason for trial in trials if trial.state != "FAILED"} == {""}
    assert best_trial(trials).hyperparameters.learning_rate >= 0.05


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_failed_trial_stays_failed_when_the_study_is_continued(epochs: int) -> None:
    evaluate, storage = failing(epochs), StoppingStorage()
    expected = trials_in(InMemoryStorage(), SMALL, evaluate)
    assert "FAILED" in {trial.state for trial in expected}
    assert trials_in(storage, SMALL, evaluate) == expected
    assert trials_in(storage, SMALL, Counting(stop_at=0)) == expected


def test_if_all_trials_fail_the_study_ends_and_says_so_in_one_line(tmp_path: Path) -> None:
    trials = trials_of(tmp_path, evaluate=failing(1, share=2))
    assert [trial.state for trial in trials] == ["FAILED"] * 8
    line = r"^no trial of the study came to its end; 8 of 8 failed, the first \(trial 0\): its process died 3 times$"
    with pytest.raises(UserError, match=line):
        best_trial(trials)


# Seven lives of one study: all but the last are killed, at moments in the first half of the time that it takes.
KILLED_AGAIN_AND_AGAIN = """
import os, random, signal, sys, time
from pathlib import Path
from tests.made_study import SMALL, trials_of

def live(folder: str) -> int:
    if (child := os.fork()) == 0:
        trials_of(Path(folder), SMALL)
        os._exit(0)
    return child

trials_of(Path(sys.argv[1], "for what is imported late"), SMALL)
start = time.monotonic()
assert os.waitpid(live(sys.argv[1] + "/uninterrupted"), 0)[1] == 0
whole_s = time.monotonic() - start
for _ in range(6):
    child = live(sys.argv[1])
    time.sleep(random.uniform(0, whole_s / 2))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
assert os.waitpid(live(sys.argv[1]), 0)[1] == 0
"""


def test_killed_at_random_moments_and_continued_it_is_the_same_study(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    subprocess.run([sys.executable, "-c", KILLED_AGAIN_AND_AGAIN, tmp_path], env=environment, check=True)
    counting = Counting()
    assert trials_of(tmp_path, SMALL, counting) == trials_of(tmp_path / "again", SMALL)
    assert counting.calls == []
