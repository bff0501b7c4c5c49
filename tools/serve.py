"""Serve the champion on 127.0.0.1, as docs/serving.md describes: `make serve`."""

import os
import shutil
import sys

from lenet5.errors import UserError
from lenet5.settings import load_settings
from lenet5.tracking.registry import champion_uri

PORT = "5001"


def main() -> None:
    """Become `mlflow models serve`.

    Raises:
        UserError: there is no champion, a setting cannot be used, or MLflow cannot be reached.
    """
    tracking_uri = load_settings().tracking_uri
    model, program = champion_uri(tracking_uri), shutil.which("mlflow")
    if program is None:
        raise UserError("mlflow is not on the path; `make serve` finds it")
    address = ["--host", "127.0.0.1", "--port", os.environ.get("PORT", PORT)]
    command = [program, "models", "serve", "--model-uri", model, "--env-manager", "local", *address]
    settings = {
        "MLFLOW_TRACKING_URI": tracking_uri,
        "MLFLOW_REGISTRY_URI": tracking_uri,
        # The champion may be any model that someone gave the alias to.
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    }
    os.execve(program, command, os.environ | settings)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"serve: {error}")
