"""The results in reports/ beside those of a git revision."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lenet5.errors import UserError
from pipeline.files import METRICS, PREDICTIONS
from regression.full import full
from tests.pipeline.made_results import params_with, write_results

PARAMS = params_with(lenet5={}, other={})
DVC_YAML = f"""
stages:
  evaluate:
    cmd: "true"
    outs: [{PREDICTIONS}]
    metrics:
      - {METRICS}: {{cache: false}}
"""


def run(*words: str) -> None:
    command = [sys.executable, "-m", *words] if words[0] == "dvc" else [*words]
    subprocess.run(command, check=True, capture_output=True)


def write(errors: int) -> None:
    shutil.rmtree("reports", ignore_errors=True)
    write_results(Path(), PARAMS, errors)
    METRICS.write_text(f'{{"lenet5": {{"error_pct": {errors / 4}}}}}\n')


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A branch of a repository whose main has results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / ".site"))
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "A Person")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "person@example.org")
    run("git", "init", "--quiet", "--initial-branch=main")
    run("dvc", "init", "--quiet")
    Path(".gitignore").write_text(f"/{PREDICTIONS}\n/models\n/.site\n")
    write(errors=4)
    Path("dvc.yaml").write_text(DVC_YAML)
    run("dvc", "commit", "--force", "--quiet")
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "--message", "Results")
    run("git", "checkout", "--quiet", "-b", "change")
    return tmp_path


def test_nothing_changed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert full(None, None) == 0
    page = capsys.readouterr().out
    assert "| lenet5 | 3 | 1.000 | 1.000 | +0.000 |" in page
    assert page.count("**unchanged**") == 2
    assert "No metric changed." in page


def test_worse_results_are_shown_with_their_metrics_and_end_with_1(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(errors=20)
    summary = repository / "summary.md"
    assert full("main", summary) == 1
    page = capsys.readouterr().out
    assert page.count("**worse**") == 2
    assert "lenet5.error_pct" in page
    assert summary.read_text() == page


def test_better_results_and_new_rows_end_with_0(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (PREDICTIONS / "lenet5").rename(PREDICTIONS / "new")
    assert full(None, None) == 0
    page = capsys.readouterr().out
    assert "| new | | | | | | | | | new |" in page


def test_what_is_not_there_is_said_in_one_line(repository: Path) -> None:
    for revision, said in (("nowhere", "nowhere is not there"), ("HEAD~9", "HEAD~9 is not there")):
        with pytest.raises(UserError, match=said):
            full(revision, None)
    run("git", "checkout", "--quiet", "main")
    run("git", "branch", "--move", "trunk")
    with pytest.raises(UserError, match="no branch main to compare with; name a revision"):
        full(None, None)
    for path in Path(".dvc/cache").rglob("*.dir"):
        os.chmod(path, 0o644)
        path.unlink()
    with pytest.raises(UserError, match="dvc get") as error:
        full("change", None)
    assert "\n" not in str(error.value)


def test_damaged_predictions_are_refused(repository: Path) -> None:
    path = PREDICTIONS / "lenet5" / "seed-1.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:7], *lines[8:]]))
    with pytest.raises(UserError, match=r"seed-1.csv: line 8: index must count"):
        full(None, None)
