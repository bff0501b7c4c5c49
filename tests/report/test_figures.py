"""The figures show what they are given, and their bytes depend on nothing else."""

import struct
from collections.abc import Callable

import matplotlib
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.figure import Figure

from lenet5.paper.published import load_published
from lenet5.report import space
from lenet5.report.curves import training_curves
from lenet5.report.errors import confusion_matrices, misclassified_gallery
from lenet5.report.study import TrialPoint, study_history
from lenet5.report.style import png_bytes
from lenet5.report.survival import rung_survival

CURVES = load_published().training_curves
DIGITS = np.arange(300) % 10


def curves() -> Figure:
    falling = np.array([5.0, 1.0, 0.0])
    return training_curves({"lenet5": [falling, falling * 1.1], "lenet5-dist": [falling + 1]}, CURVES, "LeNet-5")


def confusion() -> Figure:
    counts = np.full((10, 10), 2) + 1000 * np.eye(10, dtype=np.int64)
    return confusion_matrices({name: counts for name in ("lenet5", "lenet5-dist", "lenet5-modern")}, seeds=3)


def gallery(patterns: int = 3) -> Figure:
    images = np.full((patterns, 32, 32), -0.1, dtype=np.float32)
    images[:, 10:20, 14:18] = 1.175
    return misclassified_gallery("lenet5, seed 1", images, DIGITS[:patterns], DIGITS[1 : patterns + 1])


def study() -> Figure:
    trials = [
        TrialPoint(0, "FAILED", 0, float("nan")),
        TrialPoint(1, "PRUNED", 1, 88.0),
        TrialPoint(2, "COMPLETE", 4, 1.5),
        TrialPoint(3, "COMPLETE", 4, 1.7),
        TrialPoint(4, "COMPLETE", 4, 1.2),
        TrialPoint(5, "PRUNED", 2, 2.5),
    ]
    return study_history(trials)


def importance_bars() -> Figure:
    return space.importances({"learning_rate": 0.7, "momentum": 0.3, "j": 0.0}, epoch=1)


def values() -> Figure:
    columns = {"learning_rate": [0.01, 0.2, 0.05], "momentum": [0.8, 0.9, 0.85]}
    return space.parallel_coordinates(columns, [3.0, 1.0, 2.0], epoch=1)


def front() -> Figure:
    return space.pareto_front([300, 200, 100], [1.0, 3.0, 2.0], {0: (300, 1.0), 2: (100, 2.0)})


def rungs() -> Figure:
    return rung_survival([{1: 4.0, 2: 3.0}, {1: 5.0}, {1: 4.5, 2: 3.5}], [1, 2])


@pytest.mark.parametrize("draw", [curves, confusion, gallery, study, importance_bars, values, front, rungs])
def test_bytes_depend_on_the_data_alone(draw: Callable[[], Figure]) -> None:
    first = png_bytes(draw())
    with matplotlib.rc_context({"font.size": 30, "savefig.dpi": 20, "lines.linewidth": 9, "axes.grid": False}):
        assert png_bytes(draw()) == first
    assert chunks(first) == {b"IHDR", b"PLTE", b"pHYs", b"IDAT", b"IEND"}


def chunks(png: bytes) -> set[bytes]:
    """The types of the chunks of a PNG: a date or a program's name would be a tEXt or a tIME."""
    found, position = set(), 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        found.add(png[position + 4 : position + 8])
        position += 12 + length
    return found


def test_curves_have_a_line_for_each_seed_and_the_papers_beside_them() -> None:
    axes = curves().axes[0]
    *ours, paper = axes.lines
    assert [line.get_linewidth() < paper.get_linewidth() for line in ours] == [True] * 3
    assert ours[0].get_color() == ours[1].get_color() != ours[2].get_color()
    assert tuple(np.asarray(paper.get_ydata())) == CURVES.train_error_pct
    assert "in the paper (Fig. 5, p. 11, digitised" in str(paper.get_label())
    # The test curve of Fig. 5 has no counterpart here.
    assert all(tuple(np.asarray(line.get_ydata())) != CURVES.test_error_pct for line in axes.lines)


def test_confusions_are_shaded_without_the_diagonal_and_numbered_with_it() -> None:
    panels = [axes for axes in confusion().axes if axes.get_visible()]
    assert panels[0].get_title(loc="left") == "lenet5\n180 of 10,200 wrong, 3 networks"
    assert len(panels) == 3
    shades: npt.NDArray[np.float64] = np.asarray(panels[0].images[0].get_array())
    assert shades.diagonal().tolist() == [0] * 10
    assert shades[0, 1] == 2
    assert "1002" in {text.get_text() for text in panels[0].texts}


@pytest.mark.parametrize(("patterns", "shown"), [(0, 0), (1, 1), (82, 82), (299, 120)])
def test_gallery_names_each_pattern_and_says_when_it_leaves_some_out(patterns: int, shown: int) -> None:
    axes = gallery(patterns).axes[0]
    assert [text.get_text() for text in axes.texts] == [f"{n % 10}>{(n + 1) % 10}" for n in range(shown)]
    title = axes.get_title(loc="left")
    assert f"{patterns} misclassified pattern" in title
    assert ("the first 120" in title) == (shown < patterns)


def test_study_draws_the_best_of_the_finished_trials_and_where_the_others_stopped() -> None:
    lines = {str(line.get_label()): line for line in study().axes[0].lines}
    assert set(lines) == {"finished", "best so far", "stopped after epoch 1", "stopped after epoch 2", "failed"}
    best = lines["best so far"]
    assert np.asarray(best.get_xdata()).tolist() == [2, 3, 4, 5]
    assert np.asarray(best.get_ydata()).tolist() == [1.5, 1.5, 1.2, 1.2]
    assert np.asarray(lines["stopped after epoch 1"].get_xdata()).tolist() == [1]
    assert np.asarray(lines["failed"].get_xdata()).tolist() == [0]


def test_a_study_in_which_nothing_finished_is_drawn_too() -> None:
    assert png_bytes(study_history([TrialPoint(0, "FAILED", 0, float("nan"))])).startswith(b"\x89PNG")


def test_rungs_say_how_many_trials_reached_them_and_which_was_best() -> None:
    axes = rungs().axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1\n3 trials", "2\n2 trials"]
    best = next(line for line in axes.lines if line.get_label() == "best")
    assert np.asarray(best.get_ydata()).tolist() == [4.0, 3.0]


def test_importances_have_the_largest_on_top() -> None:
    bars = importance_bars().axes[0].patches
    assert [bar.get_width() for bar in bars] == [0.0, 0.3, 0.7]  # type: ignore[attr-defined]


def test_values_run_from_the_smallest_to_the_largest_of_each_dimension() -> None:
    axes = values().axes[0]
    heights = [np.asarray(line.get_ydata()).tolist() for line in axes.lines]
    assert [0.0, 0.0] in heights and [1.0, 1.0] in heights
    assert {"learning_rate, log", "momentum", "0.01", "0.9"} <= {text.get_text() for text in axes.texts}


def test_the_front_is_drawn_by_rising_cost_with_its_numbers() -> None:
    axes = front().axes[0]
    assert {text.get_text() for text in axes.texts} == {"0", "2"}
    assert np.asarray(axes.lines[1].get_xdata()).tolist() == [100, 300]
