"""The study is a function of its options: not of interruptions, nor of how often it was extended."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from lenet5 import study
from lenet5.params import FloatDimension
from lenet5.study import RungDone, Trial, best_trial, run_study, survivors
from tests.made_study import OPTIONS, SMALL, Counting, error_of, evaluate, trials_of

ROOT = Path(__file__).parents[1]


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


@given(st.integers(1, 100), st.floats(0.001, 1))
def test_at_least_one_trial_survives_and_never_more_than_there_are(trials: int, keep: float) -> None:
    assert 1 <= survivors(trials, keep) <= trials
    assert survivors(trials, 1.0) == trials


def test_progress_is_told_once_per_rung(tmp_path: Path) -> None:
    told: list[RungDone] = []
    trials = run_study(OPTIONS, "s", f"sqlite:///{tmp_path}/s.db", evaluate, told.append)
    assert [(each.round, each.rung, each.going_on) for each in told] == [
        (0, 0, 2), (0, 1, 1), (0, 2, 1), (1, 0, 2), (1, 1, 1), (1, 2, 1),
    ]  # fmt: skip
    assert told[-1].best_pct == min(each.final_error_pct for each in trials[4:] if each.state == "COMPLETE")


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
        # Only the round that was under way is gone through again; its trainings are in the job cache.
        assert len(counting.calls) == 4 - call // 2 * 2


def test_stopped_before_every_single_write_to_the_store_it_is_the_same_study(tmp_path: Path) -> None:
    stops = 0
    trials: list[Trial] = []
    while not trials:
        try:
            with stopping_before_the_second_write():
                trials = trials_of(tmp_path, SMALL)
        except KeyboardInterrupt:
            stops += 1
    assert trials == trials_of(tmp_path / "uninterrupted", SMALL)
    # The writes: each trial, its six values, its rungs, its end.
    assert stops >= 4 + 4 * 6 + (4 + 2) + 4 - 1


@contextmanager
def stopping_before_the_second_write() -> Iterator[None]:
    """Let one transaction that writes be committed, and stop before the next."""
    written = 0

    def note(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        # The attributes are the sampler's notes on an open trial; they are written anew whenever it is opened.
        if not statement.startswith(("SELECT", "PRAGMA")) and "trial_system_attributes" not in statement:
            connection.info["writes"] = True

    def forget(connection: Connection) -> None:
        connection.info.pop("writes", None)

    def count(connection: Connection) -> None:
        nonlocal written
        written += connection.info.pop("writes", False)
        if written == 2:
            connection.connection.rollback()
            raise KeyboardInterrupt

    listeners: dict[str, Callable[..., None]] = {"before_cursor_execute": note, "commit": count, "rollback": forget}
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


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


def test_a_study_is_named_after_all_that_its_trials_depend_on() -> None:
    changes: dict[str, object] = {
        "seed": 1, "round_size": 8, "rungs": (1, 2), "keep": 0.4, "startup_trials": 2,
        "space": {**OPTIONS.space, "j": FloatDimension(type="float", low=0.5, high=20.0)},
    }  # fmt: skip
    others = [OPTIONS.model_copy(update={name: value}) for name, value in changes.items()]
    names = {study.fingerprint(options) for options in [OPTIONS, *others]} | {study.fingerprint(OPTIONS, "other data")}
    assert len(names) == len(changes) + 2
    assert study.fingerprint(OPTIONS.model_copy(update={"trials": 40})) == study.fingerprint(OPTIONS)
