"""The champion: who becomes it, who does not, and that nothing is done twice."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from lenet5.errors import UserError
from lenet5.tracking.records import Candidate
from lenet5.tracking.registry import CHAMPION, MODEL, PREVIOUS, PROMOTED, champion_uri, propose
from lenet5.tracking.sync import sync
from tests.made_networks import network_run
from tests.mlflow_view import empty_database

CONFIDENCE = 0.95


@pytest.fixture
def uri(tmp_path: Path) -> str:
    path = tmp_path / "mlflow.db"
    path.write_bytes(empty_database())
    return f"sqlite:///{path}"


def tracked(uri: str, folder: Path, seed: int, wrong: range) -> Candidate:
    """A network that gets the patterns `wrong` of 200 wrong; MLflow has its run."""
    record, candidate = network_run(folder, seed, wrong)
    sync([record], uri)
    return candidate


def aliases(uri: str) -> dict[str, str]:
    found = MlflowClient(uri, registry_uri=uri).search_registered_models()
    return {alias: str(version) for model in found for alias, version in model.aliases.items()}


def versions(uri: str) -> int:
    return len(MlflowClient(uri, registry_uri=uri).search_model_versions(f"name = '{MODEL}'"))


def test_the_first_is_the_champion_and_the_next_that_is_not_worse_follows(uri: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no model lenet5 has the alias champion; `make track`"):
        champion_uri(uri)
    first, second = (tracked(uri, tmp_path, seed, wrong) for seed, wrong in ((1, range(5)), (2, range(3, 9))))
    assert propose(first, CONFIDENCE, uri) == "lenet5-seed-1 is the champion of lenet5, version 1: the first"
    assert aliases(uri) == {CHAMPION: "1"}
    reason = "not significantly worse than version 1 (4 patterns only it gets wrong, 3 only the other, McNemar's p = 1)"
    assert propose(second, CONFIDENCE, uri) == f"lenet5-seed-2 is the champion of lenet5, version 2: {reason}"
    assert aliases(uri) == {CHAMPION: "2", PREVIOUS: "1"}
    assert champion_uri(uri) == "models:/lenet5@champion"
    version = MlflowClient(uri, registry_uri=uri).get_model_version_by_alias(MODEL, CHAMPION)
    assert (version.tags["comparison"], version.tags["dvc.md5"]) == (reason, "digest 2")


def test_one_that_is_significantly_worse_is_not_registered(uri: str, tmp_path: Path) -> None:
    first, worse = (tracked(uri, tmp_path, seed, wrong) for seed, wrong in ((1, range(5)), (2, range(4, 20))))
    propose(first, CONFIDENCE, uri)
    for _ in range(2):
        said = propose(worse, CONFIDENCE, uri)
        assert said.startswith("lenet5-seed-2 does not become the champion of lenet5: significantly worse than version")
        assert "(15 patterns only it gets wrong, 4 only the other, McNemar's p = 0.0192)" in said
        assert (aliases(uri), versions(uri)) == ({CHAMPION: "1"}, 1)
    assert propose(worse, 0.99, uri).startswith("lenet5-seed-2 is the champion of lenet5, version 2")


def test_one_that_is_better_however_much_is_accepted(uri: str, tmp_path: Path) -> None:
    first, better = (tracked(uri, tmp_path, seed, wrong) for seed, wrong in ((1, range(30)), (2, range(2))))
    propose(first, CONFIDENCE, uri)
    propose(better, CONFIDENCE, uri)
    assert aliases(uri) == {CHAMPION: "2", PREVIOUS: "1"}


def test_a_network_is_proposed_once_so_that_a_person_can_go_back(uri: str, tmp_path: Path) -> None:
    first, second = (tracked(uri, tmp_path, seed, range(5)) for seed in (1, 2))
    propose(first, CONFIDENCE, uri)
    propose(second, CONFIDENCE, uri)
    assert propose(second, CONFIDENCE, uri) == "lenet5-seed-2 is version 2 of lenet5 already"
    assert (aliases(uri), versions(uri)) == ({CHAMPION: "2", PREVIOUS: "1"}, 2)
    MlflowClient(uri, registry_uri=uri).set_registered_model_alias(MODEL, CHAMPION, "1")
    propose(second, CONFIDENCE, uri)
    assert aliases(uri)[CHAMPION] == "1"


@pytest.mark.parametrize("stopped_at", ["set_registered_model_alias", "set_model_version_tag"])
def test_stopped_half_way_it_is_completed(
    stopped_at: str, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (tracked(uri, tmp_path, seed, range(5)) for seed in (1, 2))
    propose(first, CONFIDENCE, uri)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(MlflowClient, stopped_at, stop)
        propose(second, CONFIDENCE, uri)
    assert "is the champion of lenet5, version 2: not significantly worse" in propose(second, CONFIDENCE, uri)
    assert (aliases(uri), versions(uri)) == ({CHAMPION: "2", PREVIOUS: "1"}, 2)
    assert MlflowClient(uri, registry_uri=uri).get_model_version(MODEL, "2").tags[PROMOTED] == "true"


def test_a_champion_that_cannot_be_compared_stays(uri: str, tmp_path: Path) -> None:
    first, second = (tracked(uri, tmp_path, seed, range(5)) for seed in (1, 2))
    propose(first, CONFIDENCE, uri)
    for file in (tmp_path / "mlruns").rglob("test-predictions.safetensors"):
        file.unlink()
    complaint = "version 1 has no answers to the same test patterns to compare with; delete the alias champion"
    assert complaint in propose(second, CONFIDENCE, uri)
    assert aliases(uri) == {CHAMPION: "1"}
    MlflowClient(uri, registry_uri=uri).delete_registered_model_alias(MODEL, CHAMPION)
    propose(second, CONFIDENCE, uri)
    assert aliases(uri) == {CHAMPION: "2"}


def test_a_candidate_whose_run_is_missing_is_named(uri: str, tmp_path: Path) -> None:
    _, candidate = network_run(tmp_path, 1, range(5))
    with pytest.raises(UserError, match="no run of lenet5-seed-1; `make track`"):
        propose(candidate, CONFIDENCE, uri)
