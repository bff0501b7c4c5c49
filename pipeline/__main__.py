"""`python -m pipeline STAGE`: run one stage of dvc.yaml."""

import sys

from pipeline.command import run_stage

STAGES = ("download", "prepare", "search", "train", "evaluate", "compare", "track")
GO_ON = {"search": "`make study` goes on from there"}


def main(arguments: list[str]) -> int:
    """Run the stage that `arguments` name; gives the exit code."""
    return run_stage("pipeline", STAGES, arguments, go_on=GO_ON)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
