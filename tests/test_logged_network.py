"""A network in MLflow: its files, all of them, and in the form of today."""

import sys
from pathlib import Path

import grimp
import mlflow
import pytest
from mlflow import MlflowClient

from lenet5.tracking.network import CODE
from lenet5.tracking.sync import SyncReport, sync
from tests.made_networks import images, network_run
from tests.mlflow_view import empty_database, experiment_id, shown

ROOT = Path(__file__).parents[1]


@pytest.fixture
def uri(tmp_path: Path) -> str:
    (tmp_path / "mlflow.db").write_bytes(empty_database())
    return f"sqlite:///{tmp_path}/mlflow.db"


def test_it_shows_what_it_takes_and_gives(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path)  # MLflow puts the model's code first, for good
    record, _ = network_run(tmp_path, 1, range(5))
    sync([record], uri)
    client = MlflowClient(uri, registry_uri=uri)
    (model,) = client.search_logged_models([experiment_id(client)])
    loaded = mlflow.pyfunc.load_model(model.artifact_location)
    signature = loaded.metadata.signature
    (taken,) = signature.inputs.inputs
    assert (taken.type.name, taken.shape) == ("uint8", (-1, 28, 28))
    answer = loaded.predict(images(1))[0]
    assert signature.outputs.input_names() == list(answer)
    assert [(param.name, param.default) for param in signature.params.params] == [("rejection_threshold", 5.0)]
    assert len(loaded.predict(loaded.input_example)) == 2


def test_one_of_an_earlier_form_is_logged_again(uri: str, tmp_path: Path) -> None:
    record, _ = network_run(tmp_path, 1, range(5))
    sync([record], uri)
    before = shown(uri)
    for file in (tmp_path / "mlruns").rglob("served.py"):
        file.unlink()
    assert sync([record], uri) == SyncReport(created=0, completed=1, kept=0)
    assert shown(uri) == before
    assert sync([record], uri).kept == 1


def test_it_carries_all_the_code_that_it_runs() -> None:
    graph = grimp.build_graph("lenet5", exclude_type_checking_imports=True, cache_dir=None)
    modules = graph.find_upstream_modules("lenet5.tracking.served")
    paths = [Path("src", *module.split(".")) for module in modules | {"lenet5", "lenet5.data", "lenet5.models"}]
    files = {path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py") for path in paths}
    assert {str(file.relative_to("src/lenet5")) for file in files} == set(CODE)
