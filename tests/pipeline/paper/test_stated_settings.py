"""pipeline/paper/params.yaml is what the paper states, typed a second time from there."""

from pathlib import Path

from lenet5.paper.figures import load_figures
from lenet5.sdlm.params import load_paper_params

PAPER = load_paper_params(Path(__file__).parents[3] / "pipeline" / "paper" / "params.yaml")


def test_ten_versions_make_the_600000() -> None:
    assert (PAPER.train.versions - 1) * 60_000 == 540_000


def test_rows_differ_in_their_patterns_alone() -> None:
    """Fig. 6: 15,000, 30,000 and 60,000 patterns, and distortions; no row has another setting."""
    points = load_figures().training_sets.points
    assert PAPER.train.rows.keys() == points.keys()
    for name, row in PAPER.train.rows.items():
        assert (row.size or 60_000, row.distortions) == (points[name].patterns, points[name].distortions)
    assert set(type(PAPER.train.rows["lenet5"]).model_fields) == {"size", "distortions", "every_pass", "paper"}
