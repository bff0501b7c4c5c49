"""The registered model `lenet5`: which network is served as its `champion`, and which was before."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from lenet5.errors import UserError
from lenet5.paired import Paired, mcnemar
from lenet5.tracking.network import DIGEST, PREDICTIONS_FILE, is_linked, models_of
from lenet5.tracking.records import AnswersOnTest, Candidate
from lenet5.tracking.runs import KEY
from lenet5.tracking.store import opened, without_password

MODEL = "lenet5"
CHAMPION, PREVIOUS = "champion", "previous"
PROMOTED = "promoted"
"""The tag of a version that is, or was, the champion. It is set last: what was stopped before is done again."""


@dataclass(frozen=True)
class Decision:
    """Whether a network that is proposed may be the champion, and why."""

    accepted: bool
    reason: str


def propose(candidate: Candidate, confidence: float, tracking_uri: str) -> str:
    """Make the candidate the champion if it passes the comparison with the one there is; say what was done.

    A network is proposed once: if it was the champion already, nothing changes, whoever has moved the aliases since.

    Raises:
        UserError: MLflow cannot be reached or written, or does not have the candidate's run.
    """
    with opened(tracking_uri) as client:
        version = registered(client, candidate)
        if version and PROMOTED in version.tags:
            return f"{candidate.name} is version {version.version} of {MODEL} already"
        champion = holder(client, CHAMPION)
        if version and champion and champion.version == version.version:
            decision = Decision(True, version.tags["comparison"])
        else:
            decision = decide(client, candidate, champion, confidence)
        if not decision.accepted:
            return f"{candidate.name} does not become the {CHAMPION} of {MODEL}: {decision.reason}"
        version = version or register(client, candidate, decision)
        promote(client, version, champion)
        return f"{candidate.name} is the {CHAMPION} of {MODEL}, version {version.version}: {decision.reason}"


def champion_uri(tracking_uri: str) -> str:
    """The address of the champion, for MLflow's commands.

    Raises:
        UserError: there is none, or MLflow cannot be reached.
    """
    with opened(tracking_uri) as client:
        if holder(client, CHAMPION) is None:
            place = without_password(tracking_uri)
            raise UserError(f"MLflow at {place}: no model {MODEL} has the alias {CHAMPION}; `make track` gives it one")
    return f"models:/{MODEL}@{CHAMPION}"


def holder(client: MlflowClient, alias: str) -> ModelVersion | None:
    """The version that has the alias."""
    try:
        return client.get_model_version_by_alias(MODEL, alias)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


def registered(client: MlflowClient, candidate: Candidate) -> ModelVersion | None:
    """The version that holds the candidate's weights."""
    versions = client.search_model_versions(f"name = '{MODEL}'")
    return next((version for version in versions if version.tags.get(DIGEST) == candidate.digest), None)


def decide(client: MlflowClient, candidate: Candidate, champion: ModelVersion | None, confidence: float) -> Decision:
    """Accept the candidate unless McNemar's test says that it is worse than the champion on the test patterns."""
    if champion is None:
        return Decision(True, "the first")
    before = answers_of(client, champion)
    if before is None or not np.array_equal(before.label, candidate.answers.label):
        there_is = f"version {champion.version} has no answers to the same test patterns to compare with"
        return Decision(False, f"{there_is}; delete the alias {CHAMPION} in MLflow to have it set anew")
    found = mcnemar(correct(candidate.answers), correct(before))
    worse = found.only_first_wrong > found.only_second_wrong and found.p_value < 1 - confidence
    return Decision(
        not worse, f"{'significantly' if worse else 'not significantly'} worse than {said(found, champion)}"
    )


def said(found: Paired, champion: ModelVersion) -> str:
    """A comparison, for a person."""
    sides = f"{found.only_first_wrong} patterns only it gets wrong, {found.only_second_wrong} only the other"
    return f"version {champion.version} ({sides}, McNemar's p = {found.p_value:.3g})"


def correct(answers: AnswersOnTest) -> NDArray[np.bool_]:
    right: NDArray[np.bool_] = answers.label == answers.predicted
    return right


def answers_of(client: MlflowClient, version: ModelVersion) -> AnswersOnTest | None:
    """What a registered network said on the test set; None if a person has deleted that, or it is another's model."""
    try:
        location = f"{client.get_model_version_download_uri(MODEL, version.version)}/{PREDICTIONS_FILE}"
        found = load(Path(download_artifacts(location, tracking_uri=client.tracking_uri)).read_bytes())
        return AnswersOnTest(found["label"].astype(np.int64), found["predicted"].astype(np.int64))
    except (MlflowException, OSError, SafetensorError, KeyError):
        return None


def register(client: MlflowClient, candidate: Candidate, decision: Decision) -> ModelVersion:
    """Add a version that is the model of the candidate's run."""
    if not client.search_registered_models(f"name = '{MODEL}'"):
        client.create_registered_model(MODEL, description="Handwritten digits: 28x28 grey images in (docs/serving.md).")
    run = run_of(client, candidate)
    model = next(model for model in models_of(client, run) if is_linked(model, run))
    version = client.create_model_version(
        MODEL,
        # Not models:/<id>, which MLflow would look for in the store of its global tracking URI.
        source=model.artifact_location,
        run_id=run.info.run_id,
        tags={DIGEST: candidate.digest, "comparison": decision.reason},
        description=f"{candidate.name}: {decision.reason}",
        model_id=model.model_id,
    )
    # From the model's page to the version; MLflow itself sets it for its global tracking URI alone.
    client.set_logged_model_tags(
        model.model_id, {MLFLOW_MODEL_VERSIONS: json.dumps([{"name": MODEL, "version": version.version}])}
    )
    return version


def run_of(client: MlflowClient, candidate: Candidate) -> Run:
    """The run that shows the candidate.

    Raises:
        UserError: it is not there; a sync makes it.
    """
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(experiments, f"tags.{KEY} = '{candidate.key}'")
    if not runs:
        raise UserError(f"MLflow has no run of {candidate.name}; `make track` makes it")
    return runs[0]


def promote(client: MlflowClient, version: ModelVersion, champion: ModelVersion | None) -> None:
    """Give the aliases; the champion of before keeps being served as `previous`."""
    if champion and champion.version != version.version:
        client.set_registered_model_alias(MODEL, PREVIOUS, champion.version)
    client.set_registered_model_alias(MODEL, CHAMPION, version.version)
    client.set_model_version_tag(MODEL, version.version, PROMOTED, "true")
