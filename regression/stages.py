"""`python -m regression.stages [PURPOSE NUMBER]`: the stages of the pipeline, one after the other, in this folder.

The small params and data are made first. What the stages leave stands below this folder where the pipeline has it;
`record.json` and `correct.safetensors` say what the gate compares.
"""

import signal
import sys
from pathlib import Path

from lenet5 import numerics
from lenet5.data.mnist import MnistFiles
from lenet5.errors import UserError
from lenet5.params import Params
from lenet5.settings import Settings, load_settings
from pipeline.command import stop
from pipeline.files import RAW
from regression.places import ROOT
from regression.profile import load_profile, small_params


def main(arguments: list[str]) -> int:
    """Run the stages here, and record what came of them; 1 if one cannot be done, with one line that says why."""
    signal.signal(signal.SIGTERM, stop)
    reseeding = (arguments[0], int(arguments[1])) if arguments else None
    try:
        profile = load_profile()
        settings = private(load_settings())
        numerics.set_up(small_params(profile).numerics)
        params = small_params(profile, reseeding)
        # Imported only now: torch and numpy must find the arithmetic set.
        from regression.subset import write_subset

        files = write_subset(settings.data or ROOT / RAW, profile)
        run(params, settings, files)
        say("record")
        from regression.recording import write_record

        write_record(params, profile, files)
    except (UserError, OSError) as error:
        say(f"{error}")
        return 1
    return 0


def private(settings: Settings) -> Settings:
    """`settings` with the study in this folder and nothing in MLflow: what the user keeps there is not for the gate."""
    return settings.model_copy(update={"study_storage": "sqlite:///.studies/studies.db", "live": False})


def run(params: Params, settings: Settings, files: MnistFiles) -> None:
    """The stages between data and verdicts. Each one's start is said, so that a failure has a place.

    Raises:
        UserError: a stage cannot be done.
    """
    from pipeline import compare, evaluate, prepare, search, train

    say("prepare")
    prepare.prepare(params.prepare, files)
    for stage in (search, train, evaluate, compare):
        say(stage.__name__.rpartition(".")[2])
        stage.main(params, settings)


def say(line: str) -> None:
    print(f"regression: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    Path(".studies").mkdir(exist_ok=True)
    sys.exit(main(sys.argv[1:]))
