"""track: show the 1998 experiment in MLflow, as an experiment of its own."""

import json
from dataclasses import replace
from pathlib import Path

from lenet5.params import Params
from lenet5.sdlm.params import PaperParams
from lenet5.settings import Settings
from pipeline.files import write_text
from pipeline.paper.runs import paper_runs, read_paper_sources
from pipeline.runs.dvc_lock import read_lock, refuse_stale
from pipeline.runs.setting import read_setting

EXPERIMENT = "lenet5-1998"
LOCK = Path("pipeline/paper/dvc.lock")
PARAMS = Path("pipeline/paper/params.yaml")
TRACKED = Path(".cache/tracked-1998.json")
"""DVC's sign that MLflow shows the results, as for the main pipeline (pipeline/live.py)."""


def main(params: Params, paper: PaperParams, settings: Settings) -> None:
    """Fill MLflow with what it lacks.

    Raises:
        UserError: a result file is damaged or was made with other params, or MLflow cannot be reached or written.
    """
    lock = read_lock(LOCK)
    refuse_stale(lock, PARAMS)
    setting = replace(read_setting(params), lock=read_lock() | lock)
    runs = list(paper_runs(paper, params.distortions, read_paper_sources(setting)))
    # Only now: mlflow takes a second to import, and a missing file should be said at once.
    from lenet5.tracking.store import without_password
    from lenet5.tracking.sync import sync

    print(f"track: {sync(runs, settings.tracking_uri, EXPERIMENT)} ({without_password(settings.tracking_uri)})")
    write_text(TRACKED, json.dumps(sorted(run.key for run in runs), indent=0) + "\n")
