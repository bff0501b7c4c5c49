"""Logs a trained network as an MLflow model that loads without pickle."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelOutput, LoggedModelStatus, Run

from lenet5.tracking.records import LoggedNetwork

DIGEST = "dvc.md5"


def log_network(client: MlflowClient, run: Run, network: LoggedNetwork, params: Mapping[str, str]) -> None:
    """Log the network with signature and input example, and link it to its run, unless that has been done.

    This is what `mlflow.pytorch.log_model` does, without its global state: that wants an active run and a process-wide
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
        save(network, folder, run_id, model)
        client.log_model_artifacts(model.model_id, str(folder))
    if not is_linked(model, run):
        client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])


def has_network(client: MlflowClient, run: Run) -> bool:
    """Whether a model is linked to the run, and its files are there."""
    return any(
        is_linked(model, run) and client.list_logged_model_artifacts(model.model_id) for model in models_of(client, run)
    )


def is_linked(model: LoggedModel, run: Run) -> bool:
    """Whether the run names the model as its output, which it does as soon as the model is whole."""
    outputs = run.outputs.model_outputs if run.outputs else []
    return any(output.model_id == model.model_id for output in outputs)


def models_of(client: MlflowClient, run: Run) -> list[LoggedModel]:
    """The models made from the run, half made ones too."""
    return list(client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'"))


def save(network: LoggedNetwork, folder: Path, run_id: str, model: LoggedModel) -> None:
    """Write the model to `folder` as a `torch.export` archive, which holds tensors and a graph but no pickle."""
    # Late: torch and this flavour take 4 s to import, which a sync that adds no network should not pay.
    import torch
    from mlflow import pytorch
    from mlflow.models import Model, infer_signature

    module, example = network.load()
    with torch.no_grad():
        signature = infer_signature(example, module(torch.from_numpy(example)).numpy())
    pytorch.save_model(
        module,
        folder,
        mlflow_model=Model(model.artifact_location, run_id, model_uuid=model.model_id, model_id=model.model_id),
        signature=signature,
        input_example=example,
        serialization_format="pt2",
        # Named here, since MLflow would start a second Python to find them out.
        pip_requirements=[f"{package}=={public_version(package)}" for package in ("mlflow", "torch")],
    )


def public_version(package: str) -> str:
    """The version installed, without the `+cpu` that marks a build."""
    return version(package).partition("+")[0]
