"""`python -m regression.reseeding PURPOSE FOLDER NUMBER ...`: honest re-seedings of the small experiment, one after the
other in one process, each a file in FOLDER. The stages are the pipeline's; of evaluate, the answers alone."""

import contextlib
import json
import signal
import sys
from pathlib import Path

from lenet5 import numerics
from lenet5.data.mnist import MnistFiles
from lenet5.errors import UserError
from lenet5.params import Params
from lenet5.settings import Settings, load_settings
from pipeline.command import stop
from pipeline.files import MODELS, RAW, TEST_DATA, write_text
from regression.places import ROOT, scratch_folder
from regression.profile import Profile, load_profile, small_params
from regression.stages import private, say


def main(arguments: list[str]) -> int:
    """Train the re-seedings that are asked for; 1 if one cannot be, with one line that says why."""
    signal.signal(signal.SIGTERM, stop)
    purpose, folder, numbers = arguments[0], Path(arguments[1]), [int(word) for word in arguments[2:]]
    try:
        profile, settings = load_profile(), private(load_settings()).model_copy(update={"workers": 0})
        numerics.set_up(small_params(profile).numerics)
        for number in numbers:
            errors = reseeded(profile, settings, purpose, number)
            write_text(folder / f"{number}.json", json.dumps(errors) + "\n")
            say(f"{purpose} {number}: {errors}")
    except (UserError, OSError) as error:
        say(str(error))
        return 1
    return 0


def reseeded(profile: Profile, settings: Settings, purpose: str, number: int) -> dict[str, list[float]]:
    """The error rates in percent of each row's networks, with seeds that `purpose` and `number` determine.

    Raises:
        UserError: a stage cannot be done.
    """
    # Imported only now: torch and numpy must find the arithmetic set.
    from pipeline import prepare, search, train
    from regression.subset import write_subset

    params = small_params(profile, (purpose, number))
    with scratch_folder() as folder, contextlib.chdir(folder):
        files: MnistFiles = write_subset(settings.data or ROOT / RAW, profile)
        Path(".studies").mkdir()
        prepare.prepare(params.prepare, files)
        search.main(params, settings)
        train.main(params, settings)
        return error_rates(params)


def error_rates(params: Params) -> dict[str, list[float]]:
    """Of each row's networks on the held-out patterns, in percent: what evaluate finds, without its files."""
    from lenet5.data.prepared import load_test_data
    from lenet5.evaluation import scores_of
    from pipeline.tensors import load_network

    images, labels = load_test_data(TEST_DATA)
    return {
        name: [
            100
            * float(
                (scores_of(load_network(row, MODELS / name / f"seed-{seed}.safetensors"), images).argmax(1) != labels)
                .double()
                .mean()
            )
            for seed in params.train.seeds
        ]
        for name, row in params.train.rows.items()
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
