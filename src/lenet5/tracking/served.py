"""What MLflow runs to serve a network. This very file is logged with the model, so nothing has to be pickled.

MLflow executes it when the model is saved and when it is loaded, `code/lenet5` of the model first on Python's path.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.protos.databricks_pb2 import BAD_REQUEST
from mlflow.pyfunc.model import PythonModel, PythonModelContext
from safetensors.torch import load_file

from lenet5.recogniser import Answer, Description, Recogniser, checked_images

DESCRIPTION, WEIGHTS, PREDICTIONS = "network", "weights", "predictions"
"""The artifacts of the model: what the network is, its weights, and what it answered on the test set."""
THRESHOLD = "rejection_threshold"
"""The one parameter of a request."""


class BadImages(MlflowException):
    """A request that cannot be answered: HTTP status 400, and one line that says why."""

    def __init__(self, reason: str) -> None:
        self.line = f"inputs: {reason}"
        super().__init__(self.line, BAD_REQUEST)

    @property
    def message(self) -> str:
        """The one line."""
        return self.line

    @message.setter
    def message(self, _with_all_that_was_sent: str) -> None:
        """MLflow's server puts the whole input before an error's message: thousands of numbers before one line."""


class DigitModel(PythonModel):
    """Raw 28x28 images -> an `Answer` each."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the network from the model's artifacts."""
        description = json.loads(Path(context.artifacts[DESCRIPTION]).read_text(encoding="utf-8"))
        weights = load_file(context.artifacts[WEIGHTS])
        self.recogniser = Recogniser(Description.from_dict(description), weights)

    def predict(
        self, context: PythonModelContext, model_input: np.ndarray, params: dict[str, Any] | None = None
    ) -> list[Answer]:
        """Answer for one image [28, 28] or several [n, 28, 28], given as an array or as nested lists.

        Raises:
            BadImages: they are something else.
        """
        try:
            images = checked_images(model_input)
        except ValueError as error:
            raise BadImages(str(error)) from error
        return self.recogniser.answers(images, (params or {}).get(THRESHOLD))


set_model(DigitModel())
