"""A store that cannot be used, or not any more, is one line that names the setting, and loses nothing."""

import resource
from pathlib import Path

import pytest

from lenet5.errors import UserError
from lenet5.study import run_study
from tests.made_study import OPTIONS, SMALL, evaluate, trials_of


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
        run_study(OPTIONS, "study", storage, evaluate, lambda _: None)
    assert str(refusal.value).startswith(f"OPTUNA_STORAGE: {storage} cannot be used as the study's store: ")
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_password_is_not_shown() -> None:
    with pytest.raises(UserError, match=r"postgresql://me:.*@127\.0\.0\.1:1/studies cannot") as refusal:
        run_study(OPTIONS, "study", "postgresql://me:secret@127.0.0.1:1/studies", evaluate, lambda _: None)
    assert "secret" not in str(refusal.value)


def test_a_store_that_may_not_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    trials_of(tmp_path, SMALL)
    with pytest.raises(UserError, match=r"^OPTUNA_STORAGE: [^\n]* readonly database$"):
        run_study(SMALL, "study", f"sqlite:///file:{tmp_path}/studies/study.db?mode=ro&uri=true", evaluate, print)


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
