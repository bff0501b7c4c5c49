"""track: show all results in MLflow, which can be deleted and filled again from the files at any time."""

import json

from lenet5.params import Params
from lenet5.settings import Settings
from lenet5.tracking.records import RunRecord
from pipeline.files import write_text
from pipeline.live import TRACKED
from pipeline.runs.networks import candidate
from pipeline.runs.rows import comparison_run, row_runs
from pipeline.runs.sources import read_sources
from pipeline.runs.study import study_runs


def main(params: Params, settings: Settings) -> None:
    """Fill MLflow with what it lacks.

    Raises:
        UserError: a result file is missing or damaged, or MLflow cannot be reached or written.
    """
    runs = describe_runs(params)
    proposed = candidate(params.train, runs)
    # Only now: mlflow takes a second to import, and a missing file should be said at once.
    from lenet5.tracking.registry import propose
    from lenet5.tracking.store import without_password
    from lenet5.tracking.sync import sync

    print(f"track: {sync(runs, settings.tracking_uri)} ({without_password(settings.tracking_uri)})")
    print(f"track: {propose(proposed, params.compare.confidence, settings.tracking_uri)}")
    write_text(TRACKED, json.dumps(sorted(run.key for run in runs), indent=0) + "\n")


def describe_runs(params: Params) -> list[RunRecord]:
    """All runs, each parent before its children.

    Raises:
        UserError: a result file is missing or damaged, or was made with other params.
    """
    sources = read_sources(params)
    rows = [list(row_runs(sources, name, row)) for name, row in params.train.rows.items()]
    comparison = comparison_run(sources, [run.key for run, *_ in rows])
    return [*study_runs(sources.setting), *(run for row in rows for run in row), comparison]
