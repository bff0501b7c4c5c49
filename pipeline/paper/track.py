"""track: show the 1998 experiment in MLflow, as an experiment of its own."""

import json
from pathlib import Path

from lenet5.params import Params
from lenet5.sdlm.params import PaperParams
from lenet5.settings import Settings
from pipeline.files import write_text
from pipeline.live import TRACKED_1998
from pipeline.paper.planned import EXPERIMENT, read_paper_setting
from pipeline.paper.runs import paper_runs, read_paper_sources
from pipeline.runs.dvc_lock import refuse_stale

PARAMS = Path("pipeline/paper/params.yaml")


def main(params: Params, paper: PaperParams, settings: Settings) -> None:
    """Fill MLflow with what it lacks.

    Raises:
        UserError: a result file is damaged or was made with other params, or MLflow cannot be reached or written.
    """
    known = read_paper_setting(params, paper)
    refuse_stale(known.setting.lock, PARAMS)
    runs = list(paper_runs(read_paper_sources(known)))
    # Only now: mlflow takes a second to import, and a missing file should be said at once.
    from lenet5.tracking.store import without_password
    from lenet5.tracking.sync import sync

    print(f"track: {sync(runs, settings.tracking_uri, EXPERIMENT)} ({without_password(settings.tracking_uri)})")
    write_text(TRACKED_1998, json.dumps(sorted(run.key for run in runs), indent=0) + "\n")
