"""Open the study's store in optuna-dashboard, on 127.0.0.1, also while the study runs: `make dashboard`."""

import os
import shutil
import sys

from lenet5.errors import UserError
from lenet5.settings import load_settings

PORT = "8080"


def main() -> None:
    """Become optuna-dashboard.

    Raises:
        UserError: it is not installed, or a setting cannot be used.
    """
    storage, program = load_settings().study_storage, shutil.which("optuna-dashboard")
    if program is None:
        raise UserError("optuna-dashboard is not installed; `.venv/bin/pip install optuna-dashboard==0.21.0` does it")
    os.execv(program, [program, storage, "--host", "127.0.0.1", "--port", os.environ.get("PORT", PORT)])


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"dashboard: {error}")
