"""`python -m pipeline.paper STAGE`: run one stage of the 1998 experiment."""

import sys

from lenet5.sdlm.params import load_paper_params
from pipeline.command import run_stage

STAGES = ("choose", "train", "evaluate", "compare", "track")


def main(arguments: list[str]) -> int:
    """Run the stage that `arguments` name; gives the exit code."""
    return run_stage("pipeline.paper", STAGES, arguments, more_params=load_paper_params)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
