"""Logs a trained network as an MLflow model that takes raw images, and that loads without pickle."""

import json
import logging
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelOutput, LoggedModelStatus, Run

import lenet5
from lenet5.tracking.records import LoggedNetwork, NetworkContent

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

DIGEST = "dvc.md5"
SCRIPT = "served.py"
PREDICTIONS_FILE = "artifacts/test-predictions.safetensors"
"""In a logged model: what it answered on the test set, `label` and `predicted` [n]."""
SIDE = 28
REQUIREMENTS = ("mlflow", "numba", "numpy", "safetensors", "torch")
CODE = (
    "__init__.py",
    "compiled.py",
    "data/__init__.py",
    "data/mnist.py",
    "data/patterns.py",
    "evaluation.py",
    "models/__init__.py",
    "models/codes.py",
    "models/lanes.py",
    "models/layers.py",
    "models/lenet.py",
    "models/one_thread.py",
    "models/sizes.py",
    "randomness.py",
    "recogniser.py",
    "rejection.py",
)
"""What runs when a logged network answers, below this package."""


def log_network(client: MlflowClient, run: Run, network: LoggedNetwork, params: Mapping[str, str]) -> None:
    """Log the network with signature and input example, and link it to its run, unless that has been done.

    This is what `mlflow.pyfunc.log_model` does, without its global state: that wants an active run and a process-wide
    tracking URI.
    """
    if has_network(client, run):
        return
    run_id, experiment_id = run.info.run_id, run.info.experiment_id
    found = models_of(client, run)
    for half_made in [model for model in found if not is_linked(model, run)]:
        client.delete_logged_model(half_made.model_id)
    model = next((model for model in found if is_linked(model, run)), None) or client.create_logged_model(
        experiment_id, network.name, run_id, {DIGEST: network.digest}, dict(params)
    )
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "model")
        save(network.load(), folder, run_id, model)
        client.log_model_artifacts(model.model_id, str(folder))
    if not is_linked(model, run):
        client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])


def has_network(client: MlflowClient, run: Run) -> bool:
    """Whether a model is linked to the run, and its files are there, in the form of today."""
    return any(is_linked(model, run) and is_whole(client, model) for model in models_of(client, run))


def is_whole(client: MlflowClient, model: LoggedModel) -> bool:
    """Whether a model has its files; one that was logged as a `torch.export` archive has others."""
    return SCRIPT in {file.path for file in client.list_logged_model_artifacts(model.model_id)}


def is_linked(model: LoggedModel, run: Run) -> bool:
    """Whether the run names the model as its output, which it does as soon as the model is whole."""
    outputs = run.outputs.model_outputs if run.outputs else []
    return any(output.model_id == model.model_id for output in outputs)


def models_of(client: MlflowClient, run: Run) -> list[LoggedModel]:
    """The models made from the run, half made ones too."""
    return list(client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'"))


def save(content: NetworkContent, folder: Path, run_id: str, model: LoggedModel) -> None:
    """Write the model to `folder`: `served.py`, the modules that it needs, and files that hold numbers alone."""
    # Late: torch and this flavour take seconds to import, which a sync that adds no network should not pay.
    from mlflow import pyfunc
    from mlflow.models import Model
    from safetensors.numpy import save_file

    from lenet5.tracking import served

    logging.getLogger(pyfunc.__name__).setLevel(logging.WARNING)  # it tells of each model that it validates an example
    with TemporaryDirectory() as temporary:
        description, predictions = Path(temporary, "network.json"), Path(temporary, Path(PREDICTIONS_FILE).name)
        description.write_text(json.dumps(content.description.as_dict(), indent=2) + "\n", encoding="utf-8")
        save_file({name: values.astype("uint8") for name, values in vars(content.predictions).items()}, predictions)
        artifacts = {
            served.DESCRIPTION: str(description),
            served.WEIGHTS: str(content.weights),
            served.PREDICTIONS: str(predictions),
        }
        pyfunc.save_model(
            folder,
            python_model=served.__file__,
            artifacts=artifacts,
            code_paths=[str(copy_code(Path(temporary)))],
            mlflow_model=Model(model.artifact_location, run_id, model_uuid=model.model_id, model_id=model.model_id),
            signature=signature(content.description.rejection_threshold),
            input_example=content.example,
            # Named here, since MLflow would start a second Python to find them out.
            pip_requirements=[f"{package}=={public_version(package)}" for package in REQUIREMENTS],
        )


def copy_code(folder: Path) -> Path:
    """Copy the modules that `served.py` needs below `folder`: whatever becomes of them, the model answers alike."""
    package = Path(lenet5.__file__).parent
    for name in CODE:
        (folder / "lenet5" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(package / name, folder / "lenet5" / name)
    return folder / "lenet5"


def signature(rejection_threshold: float) -> "ModelSignature":
    """What the model takes and gives, as MLflow shows it."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
    from mlflow.types.schema import Array

    from lenet5.tracking.served import THRESHOLD

    answer: dict[str, DataType | Array] = {
        "digit": DataType.long,
        "probabilities": Array(DataType.double),
        "rubbish": DataType.double,
        "margin": DataType.double,
        "reject": DataType.boolean,
    }
    found = ModelSignature(
        inputs=Schema([TensorSpec(np.dtype(np.uint8), (-1, SIDE, SIDE))]),
        outputs=Schema([ColSpec(kind, name) for name, kind in answer.items()]),
        params=ParamSchema([ParamSpec(THRESHOLD, DataType.double, rejection_threshold)]),
    )
    # The model itself checks what it is sent. MLflow would have made "12" and 12.7 a 12 before.
    found._is_signature_from_type_hint = True
    return found


def public_version(package: str) -> str:
    """The version installed, without the `+cpu` that marks a build."""
    return version(package).partition("+")[0]
