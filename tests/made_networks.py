"""Networks with random weights as the pipeline would hand them to MLflow."""

from pathlib import Path

import numpy as np
from safetensors.torch import save_file

from lenet5.models.lenet import build
from lenet5.models.sizes import PAPER_SIZES
from lenet5.recogniser import Description
from lenet5.tracking.records import AnswersOnTest, Candidate, LoggedNetwork, NetworkContent, RunRecord

PATTERNS = 200
DESCRIPTION = Description(
    network="lenet5", head="rbf", sizes=PAPER_SIZES, j=1.0, energy_scale=0.05, rejection_threshold=5.0
)


def images(count: int, seed: int = 0) -> np.ndarray:
    """Grey images [count, 28, 28] of noise."""
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def answers(wrong: range) -> AnswersOnTest:
    """Those of a network that gets the patterns `wrong` of 200 wrong."""
    label = np.arange(PATTERNS) % 10
    predicted = label.copy()
    predicted[wrong] = (label[wrong] + 1) % 10
    return AnswersOnTest(label, predicted)


def network_run(folder: Path, seed: int, wrong: range) -> tuple[RunRecord, Candidate]:
    """The run of a network, and the network as a candidate; its weights go to `folder`."""
    weights = folder / f"seed-{seed}.safetensors"
    save_file(build("lenet5", "rbf", seed=seed).state_dict(), weights)
    name = f"lenet5-seed-{seed}"
    content = NetworkContent(DESCRIPTION, weights, images(2), answers(wrong))
    logged = LoggedNetwork(name, digest=f"digest {seed}", load=lambda: content)
    record = RunRecord(key=f"key {seed}", plan=f"plan {seed}", name=name, status="FINISHED", network=logged)
    return record, Candidate(record.key, name, logged.digest, content.predictions)
