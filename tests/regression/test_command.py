"""`python -m regression` as a person meets it: on a small MNIST, in a copy of the project that can be broken."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.pipeline.made_repository import Repository, copy, make_repository
from tests.pipeline.stage import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROFILE = {
    "prepare": {"validation_size": 40},
    "search": {"trials": 2, "round_size": 2, "rungs": [1], "startup_trials": 2, "enqueue": []},
    "train": {"epochs": 12, "seeds": [1, 2]},
}
CHECK = ("python", "-m", "regression", "check", "--json", "verdict.json")


def without_baseline(folder: Path) -> Repository:
    """The project with a gate of small sizes."""
    repository = make_repository(folder)
    copy(ROOT / "params.yaml", repository.folder / "params.yaml")
    for path in (ROOT / "regression").glob("*.py"):
        copy(path, repository.folder / "regression" / path.name)
    # Of 200 patterns: batches of 64 would be four updates a pass.
    edit(repository, "params.yaml", "choices: [64, 128]", "choices: [16, 128]")
    yaml = YAML(typ="safe")
    profile = yaml.load(ROOT / "regression" / "profile.yaml") | PROFILE
    yaml.dump(profile, repository.folder / "regression" / "profile.yaml")
    return repository


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """With a baseline; tests must not change it."""
    repository = without_baseline(tmp_path_factory.mktemp("gate"))
    repository.run("python", "-m", "regression", "update", "--why", "The first one.", "--reseedings", "4")
    return repository


@pytest.fixture
def gate(kept: Repository, tmp_path: Path) -> Repository:
    """A copy that a test may change."""
    return kept.copied_to(tmp_path / "copy")


def ends_with(repository: Repository, *command: str, **environment: str) -> tuple[int, str]:
    process = repository.start(*command, **environment)
    said, _ = process.communicate()
    return process.returncode, said


def edit(repository: Repository, path: str, old: str, new: str) -> None:
    text = repository.read(path)
    assert text.count(old) == 1, f"{old} stands {text.count(old)} times in {path}"
    (repository.folder / path).write_text(text.replace(old, new))


def verdict(repository: Repository) -> dict[str, object]:
    found: dict[str, object] = json.loads(repository.read("verdict.json"))
    return found


def test_nothing_changed_is_unchanged_with_any_number_of_workers(gate: Repository) -> None:
    for workers in ("0", "2"):
        code, said = ends_with(gate, *CHECK, LENET5_WORKERS=workers)
        assert (code, verdict(gate)["outcome"]) == (0, "unchanged"), said
    assert "regression: unchanged: every number and every bit is the baseline's." in said
    edit(gate, "src/lenet5/models/losses.py", '"""\n\n', '"""\n\n# A harmless remark.\n')
    assert ends_with(gate, *CHECK)[0] == 0


def test_a_broken_network_is_caught_at_its_place(gate: Repository) -> None:
    edit(gate, "src/lenet5/models/sizes.py", "(0, 1, 2), (1, 2, 3)", "(0, 1, 3), (1, 2, 3)")
    code, said = ends_with(gate, *CHECK)
    assert (code, verdict(gate)["place"]) == (1, "forward pass"), said
    structure = verdict(gate)["structure"]
    assert isinstance(structure, list)
    assert any(each["name"] == "connections of C3" for each in structure)
    # A change that is meant, and not worse, passes; statistics alone do not see it.
    assert ends_with(gate, *CHECK, "--allow-change")[0] == (1 if verdict(gate)["outcome"] == "worse" else 0)


def test_one_that_learns_nothing_is_worse_by_statistics_alone(kept: Repository, gate: Repository) -> None:
    edit(gate, "src/lenet5/training/optim.py", "lr=hyperparameters.learning_rate,", "lr=0.0,")
    edit(gate, "src/lenet5/training/module.py", '["lr"] = self.this_pass.learning_rate', '["lr"] = 0.0')
    code, said = ends_with(gate, *CHECK, "--statistics-only")
    assert (code, verdict(gate)["outcome"]) == (1, "worse"), said
    assert verdict(gate)["exact_note"] == "skipped: switched off"
    refused, said = ends_with(gate, "python", "-m", "regression", "update", "--why", "Faster.")
    assert refused == 1
    assert "the baseline stays; if worse results are meant, add --accept-worse" in said
    assert gate.read("regression/baseline/record.json") == kept.read("regression/baseline/record.json")


def test_a_stage_that_fails_cannot_be_judged(gate: Repository) -> None:
    edit(gate, "pipeline/evaluate.py", "scores = scores_of(", "scores = float('nan') * scores_of(")
    code, said = ends_with(gate, *CHECK)
    assert code == 2
    assert said.strip().count("\n") == 0
    assert "could not judge: compare: ended with 1: reports/predictions/lenet5/seed-1.csv: line 2: every number" in said


def test_missing_raw_files_and_a_missing_baseline_are_said(gate: Repository, tmp_path: Path) -> None:
    code, said = ends_with(gate, *CHECK, LENET5_DATA=str(tmp_path))
    assert code == 2
    assert "train-images-idx3-ubyte: cannot be read (No such file or directory); `dvc repro download`" in said
    (gate.folder / "regression" / "baseline" / "record.json").unlink()
    code, said = ends_with(gate, *CHECK)
    assert (code, said.count("\n")) == (2, 1)
    assert "regression/baseline/record.json: is missing" in said


def test_other_data_cannot_be_judged(gate: Repository) -> None:
    edit(gate, "regression/profile.yaml", "held_out: 1", "held_out: 2")
    code, said = ends_with(gate, *CHECK)
    assert (code, said.count("\n")) == (2, 1)
    assert "regression/baseline: is of other data than these" in said


def test_an_update_tells_what_changed_and_keeps_what_it_can(gate: Repository) -> None:
    reseedings = gate.read("regression/baseline/reseedings.csv")
    edit(gate, "params.yaml", "patience_s: 10 ", "patience_s: 12 ")
    edit(gate, "params.yaml", "confidence: 0.95", "confidence: 0.9")
    gate.run("python", "-m", "regression", "update", "--why", "Other intervals.", "--reseedings", "4")
    history = gate.read("regression/baseline/HISTORY.md")
    assert "## 1. The first one." in history
    assert "## 2. Other intervals." in history
    assert "compare.confidence" in history
    assert ends_with(gate, *CHECK)[0] == 0
    # The networks are the same: so are their re-seedings.
    assert gate.read("regression/baseline/reseedings.csv") == reseedings


def test_alarms_are_counted_and_go_on_where_they_stopped(gate: Repository) -> None:
    alarms = ("python", "-m", "regression", "alarms", "--count")
    gate.run(*alarms, "2")
    first = gate.read("reports/regression/alarms.csv")
    assert len(first.splitlines()) == 1 + 2 * 3
    gate.run(*alarms, "3")
    assert gate.read("reports/regression/alarms.csv").startswith(first)
    assert "| worse |" in gate.read("reports/regression/alarms.md")
