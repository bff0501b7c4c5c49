"""A store that cannot be used, or not any more, is one line that names the setting, and loses nothing."""

import json
import resource
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import optuna
import pytest

from lenet5.errors import UserError
from lenet5.params import Search
from lenet5.study.identity import space_hash
from lenet5.study.rounds import run_study
from tests.made_study import OPTIONS, SMALL, cost_of, evaluate, trials_of


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE experiments (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"holds the tables of something else \(experiments, ...\)$"):
        run_study(OPTIONS, "study", f"sqlite:///{path}", evaluate, cost_of, lambda _: None)
    assert path.read_bytes() == before


def test_the_store_says_what_the_study_is_and_with_which_libraries(tmp_path: Path) -> None:
    trials_of(tmp_path, SMALL)
    trials_of(tmp_path, SMALL.model_copy(update={"trials": 6}))
    (summary,) = optuna.get_all_study_summaries(f"sqlite:///{tmp_path}/studies/study.db")
    assert summary.user_attrs["optuna"] == version("optuna")
    assert summary.user_attrs["space_hash"] == space_hash(SMALL)
    assert Search.model_validate_json(json.dumps(summary.user_attrs["search"] | {"trials": 4})) == SMALL
    assert summary.n_trials == 6


@pytest.mark.parametrize(
    ("storage", "reason"),
    [
        ("nonsense", "parse"),
        ("postgresql://127.0.0.1:1/studies", "onnect"),
        ("postgresql://127.0.0.1:port/studies", "'port'"),
        ("redis://127.0.0.1:1/0", "Redis"),
        ("unheard-of://127.0.0.1/studies", "unheard-of"),
        ("sqlite:///study.db?timeout=long", "'long'"),
        ("sqlite:///file/below/study.db", "Not a directory"),
        ("sqlite:///file", "not a database"),
        ("sqlite:///.", "unable to open"),
        ("sqlite:///file:missing.db?mode=ro&uri=true", "unable to open"),
    ],
)
def test_a_store_that_cannot_be_used_is_named_in_one_line(
    storage: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("not what SQLite writes" * 1000)
    with pytest.raises(UserError) as refusal:
        run_study(OPTIONS, "study", storage, evaluate, cost_of, lambda _: None)
    assert str(refusal.value).startswith(f"OPTUNA_STORAGE: {storage} cannot be used as the study's store: ")
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_password_is_not_shown() -> None:
    with pytest.raises(UserError, match=r"postgresql://me:.*@127\.0\.0\.1:1/studies cannot") as refusal:
        run_study(OPTIONS, "study", "postgresql://me:secret@127.0.0.1:1/studies", evaluate, cost_of, lambda _: None)
    assert "secret" not in str(refusal.value)


def test_a_store_that_may_not_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    trials_of(tmp_path, SMALL)
    with pytest.raises(UserError, match=r"^OPTUNA_STORAGE: [^\n]* readonly database$"):
        run_study(
            SMALL, "study", f"sqlite:///file:{tmp_path}/studies/study.db?mode=ro&uri=true", evaluate, cost_of, print
        )


def test_a_full_disk_is_said_in_one_line_and_loses_nothing(tmp_path: Path) -> None:
    trials_of(tmp_path, SMALL.model_copy(update={"trials": 2}))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(UserError, match=r"^OPTUNA_STORAGE: [^\n]* (disk I/O error|disk is full)$"):
            trials_of(tmp_path, SMALL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert trials_of(tmp_path, SMALL) == trials_of(tmp_path / "uninterrupted", SMALL)
