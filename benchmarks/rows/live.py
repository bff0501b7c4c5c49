"""The row of what it costs a training that MLflow shows it while it runs."""

import socket
from collections.abc import Iterator

from benchmarks.copies import Copy, copy_of_the_project, give_training_data
from benchmarks.parts import first_patterns
from benchmarks.plan import ROOT, Plan
from benchmarks.processes import shown
from benchmarks.records import Measurement
from benchmarks.rows.stages import small_params
from benchmarks.rows.studies import COMPILE
from benchmarks.turns import measured
from pipeline.files import BEST, MODELS, TRAINING_DATA

TRAIN = ("python", "-m", "pipeline", "train")
CONTESTANTS: dict[str, dict[str, str]] = {
    "not shown": {"LENET5_LIVE": "0"},
    "shown": {},
    "MLflow never answers": {"MLFLOW_TRACKING_URI": "http://127.0.0.1:{port}"},
}
"""By their settings; `port` is one that takes connections and says nothing."""
LEFT = (".cache/jobs", "mlflow.db", "mlruns", str(MODELS))
"""By the turn before."""
COMPILE_DISTORTIONS = """
from lenet5.data.distortions import distort
distort(torch.zeros(1, 32, 32), torch.tensor([[1.0, 1.0, 0.0, 0.0, 0.0]]))
"""


def live(plan: Plan) -> Iterator[Measurement]:
    """The whole train stage, on as many workers as there are cores: not shown, shown, and with an MLflow that takes
    what it is sent and never answers."""
    copy, name = copy_in_which_train_can_start(plan), "default params" if plan.whole else "small params"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        # One repeat less: a turn takes minutes.
        for repeat in range(1, plan.repeats):
            for contestant, settings in CONTESTANTS.items():
                copy.forget(*LEFT)
                given = {variable: value.format(port=port) for variable, value in settings.items()}
                turn = copy.timed(*TRAIN, size=1, **given)
                yield measured("live", name, contestant, repeat, turn, "", shown(TRAIN, **settings))


def copy_in_which_train_can_start(plan: Plan) -> Copy:
    """With the hyperparameters of the project's own study."""
    copy = copy_of_the_project("live", {} if plan.whole else small_params())
    give_training_data(copy, ROOT / TRAINING_DATA if plan.whole else first_patterns(plan.study_patterns, 100))
    assert (copy.folder / BEST).exists(), "is in git"
    copy.timed("python", "-c", COMPILE + COMPILE_DISTORTIONS)
    return copy
