"""The copies of the project that DVC and the study are measured in."""

import subprocess
from pathlib import Path

import pytest

from benchmarks import copies
from benchmarks.copies import REPRODUCED, REPRODUCED_SMALL, Copy, change_params, copy_of_the_project, reproduced_copy
from lenet5.errors import UserError
from lenet5.params import load_params

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "SCRATCH", tmp_path)


def pretend_reproduced(copy: Copy) -> None:
    """Leave what `dvc repro` would."""
    (copy.folder / "models").mkdir()
    (copy.folder / "reports" / "comparison.csv").touch()


def test_a_copy_is_the_working_tree_with_other_params() -> None:
    copy = copy_of_the_project("copy", {"search": {"trials": 16}})
    assert load_params(copy.folder / "params.yaml").search.trials == 16
    assert (copy.folder / "dvc.lock").read_bytes() == (ROOT / "dvc.lock").read_bytes()
    assert not (copy.folder / "data").exists()
    status = subprocess.run(["git", "status", "--porcelain"], cwd=copy.folder, capture_output=True, text=True)
    assert status.stdout == ""


def test_params_keep_what_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text((ROOT / "params.yaml").read_text())
    change_params(path, {})
    assert path.read_bytes() == (ROOT / "params.yaml").read_bytes()
    change_params(path, {"search": {"trials": 16}})
    kept, changed = load_params(ROOT / "params.yaml"), load_params(path)
    assert changed == kept.model_copy(update={"search": kept.search.model_copy(update={"trials": 16})})


def test_without_a_reproduced_copy_the_row_to_run_is_named() -> None:
    with pytest.raises(UserError, match="run `python -m benchmarks repro` first"):
        reproduced_copy(REPRODUCED)


def test_a_copy_of_other_code_or_params_is_refused() -> None:
    copy = copy_of_the_project(REPRODUCED, {})
    pretend_reproduced(copy)
    assert reproduced_copy(REPRODUCED) == copy
    change_params(copy.folder / "params.yaml", {"train": {"epochs": 1}})
    with pytest.raises(UserError, match=r"params\.yaml: was edited since"):
        reproduced_copy(REPRODUCED)


def test_a_small_copy_has_params_of_its_own() -> None:
    copy = copy_of_the_project(REPRODUCED_SMALL, {"train": {"epochs": 1}})
    pretend_reproduced(copy)
    assert reproduced_copy(REPRODUCED_SMALL) == copy


def test_the_users_own_settings_do_not_reach_a_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPTUNA_STORAGE", "postgresql://elsewhere/studies")
    monkeypatch.setenv("LENET5_WORKERS", "7")
    environment = Copy(tmp_path).environment(LENET5_WORKERS="1")
    assert environment["OPTUNA_STORAGE"].startswith("sqlite:///")
    assert environment["LENET5_WORKERS"] == "1"
    assert "LENET5_WORKERS" not in Copy(tmp_path).environment()
