"""Jobs of the 1998 kind, short enough for a test."""

from typing import Any

from lenet5.models.one_thread import Weights
from lenet5.sdlm.conventions import Conventions, Schedule
from lenet5.sdlm.job import PaperJob
from lenet5.sdlm.start import initial_weights

CONVENTIONS = Conventions(
    initial_weights="sqrt-fan-in",
    initial_biases="zero",
    initial_coefficients="average",
    subsampling="averaged",
    energy=0.5,
    loss="map",
    j=10.0,
    curvature="loss",
    order="constant",
)
SCHEDULE = Schedule(rates=(0.0005, 0.0005, 0.0002), mu=0.02, curvature_patterns=20)


def conventions(**changed: Any) -> Conventions:
    return CONVENTIONS.model_copy(update=changed)


def job(**changed: Any) -> PaperJob:
    """Three passes over the training patterns, with whatever `changed` says otherwise."""
    usual = {
        "conventions": CONVENTIONS,
        "schedule": SCHEDULE,
        "patterns": "train",
        "size": None,
        "distortions": None,
        "versions": 1,
        "seed": 1,
        "stop_after": 3,
    }
    return PaperJob.model_validate(usual | changed)


def weights(**changed: Any) -> Weights:
    """Initial weights, with biases drawn too: zeros would hide a mistake."""
    return initial_weights(conventions(initial_biases="drawn", **changed), seed=3)
