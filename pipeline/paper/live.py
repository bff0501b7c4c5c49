"""`python -m pipeline.paper.live`: shows in MLflow what the train stage of 1998 tells (pipeline/runs/live.py)."""

from collections.abc import Iterator, Sequence

from lenet5.params import Params
from lenet5.sdlm.params import PaperParams
from lenet5.tracking.records import RunRecord
from pipeline.paper.planned import EXPERIMENT, PaperSetting, planned_network, planned_row, read_paper_setting
from pipeline.runs.live import main, network_so_far


class PaperTableRuns:
    """The runs of the train stage."""

    def __init__(self, known: PaperSetting) -> None:
        self.known = known

    def training(
        self, row: str, seed: int, epochs: int, curves: Sequence[tuple[float, float, float]]
    ) -> Iterator[RunRecord]:
        """A network, below its row, after so many passes as `curves` is long."""
        parent = planned_row(self.known, row)
        yield parent
        yield network_so_far(planned_network(self.known, parent, seed), epochs, curves)


def of_the_stage(_stage: str, params: str, paper: str) -> PaperTableRuns:
    """What the stage shows."""
    of_both = Params.model_validate_json(params), PaperParams.model_validate_json(paper)
    return PaperTableRuns(read_paper_setting(*of_both))


if __name__ == "__main__":
    main(of_the_stage, EXPERIMENT)
