"""The figures of the paper's experiment show what they are given, and their bytes depend on nothing else."""

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from lenet5.choices import Choice, RateLine, Tried
from lenet5.paper.figures import load_figures
from lenet5.paper.published import load_published
from lenet5.rejection import rejection_curve
from lenet5.report.bars import Bars, bars
from lenet5.report.choices import choices
from lenet5.report.distorted import distorted_patterns
from lenet5.report.errors import misclassified_gallery
from lenet5.report.passes import PassErrors, errors_by_pass
from lenet5.report.rates import first_pass_rates
from lenet5.report.rejected import rejections
from lenet5.report.set_sizes import SizeErrors, errors_by_size
from lenet5.report.shared_errors import shared_error_matrix
from lenet5.report.style import png_bytes

CURVES = load_published().training_curves
SETS = load_figures().training_sets
FALLING = np.array([5.0, 1.0, 0.5])
PANEL = Bars("Fig. 10", "[%]", {"K-NN": 8.1, "LeNet-4": 1.8}, {"here": [0.4, 0.6]}, "{:.2g}".format)


def passes() -> Figure:
    networks = [PassErrors(FALLING * scale, FALLING * scale / 2) for scale in (1.0, 1.1)]
    return errors_by_pass({"lenet5": networks}, CURVES)


def sizes() -> Figure:
    return errors_by_size([SizeErrors(point, [1.0, 1.2], [0.3, 0.4], 0.8, 1.4) for point in SETS.points.values()], SETS)


def patterns() -> Figure:
    return distorted_patterns({"": np.zeros((3, 1, 32, 32), np.float32), "here": np.ones((3, 4, 32, 32), np.float32)})


def framed() -> Figure:
    digits = np.arange(3)
    images = np.zeros((3, 32, 32), np.float32)
    return misclassified_gallery("dist", images, digits, digits + 1, (digits == 1, "wrong in 1998 too"))


def matrix() -> Figure:
    return shared_error_matrix(["1998", "one"], np.array([[82, 40], [40, 76]]))


def rejection() -> Figure:
    curve = rejection_curve(np.random.default_rng(0).random((500, 10)), np.arange(500) % 90 > 0)
    return rejections(PANEL, {"lenet5": [curve]}, 0.5)


def tried() -> Figure:
    guess = Choice("", "first guess", False, [1.5, 1.7], [0.4, 0.4], 7e-5, 0.016, None)
    anew = Choice("order", "anew", True, [1.4, 90.0], [0.4, 0.4], 7e-5, 0.016, (-0.1, 0.1))
    return choices(Tried([guess, anew], "first guess", {}, []))


def rates() -> Figure:
    lines = [
        RateLine("first guess", seed, name, low * seed, high * seed)
        for seed in (1, 2)
        for name, low, high in (("c1.weight", 1e-4, 2e-4), ("f6.bias", 1e-3, 0.02))
    ]
    return first_pass_rates(lines, load_figures().first_pass_rates)


DRAWN: list[Callable[[], Figure]] = [passes, sizes, patterns, framed, matrix, rejection, tried, rates]


@pytest.mark.parametrize("draw", [*DRAWN, lambda: bars([PANEL, PANEL])])
def test_bytes_depend_on_the_data_alone(draw: Callable[[], Figure]) -> None:
    first = png_bytes(draw())
    with matplotlib.rc_context({"font.size": 30, "savefig.dpi": 20, "lines.linewidth": 9, "axes.grid": False}):
        assert png_bytes(draw()) == first


def heights(line: Any) -> list[float]:
    found: list[float] = np.asarray(line.get_ydata()).tolist()
    return found


def test_both_curves_of_fig_5_stand_beside_every_network() -> None:
    test, train = passes().axes
    assert [heights(line) for line in test.lines[:2]] == [[5, 1, 0.5], pytest.approx([5.5, 1.1, 0.55])]
    assert tuple(heights(test.lines[2])) == CURVES.test_error_pct
    assert tuple(heights(train.lines[2])) == CURVES.train_error_pct


def test_points_of_fig_6_stand_beside_ours() -> None:
    axes = sizes().axes[0]
    lines = {str(line.get_label()): heights(line) for line in axes.lines}
    assert lines["test, the paper (Fig. 6, p. 11)"] == [point.test_error_pct for point in SETS.points.values()]
    assert lines["training, the paper"] == [0.05, 0.31, 0.35]
    assert lines["test, here"] == [1.0, 1.2]
    assert [label.get_text() for label in axes.get_xticklabels()] == [point.label for point in SETS.points.values()]


def test_patterns_keep_their_places() -> None:
    first, second = patterns().axes
    assert [np.asarray(axes.images[0].get_array()).shape for axes in (first, second)] == [(96, 32), (96, 128)]
    assert second.get_title(loc="left") == "here"


def test_frames_are_drawn_where_they_belong_and_explained() -> None:
    axes = framed().axes[0]
    frame, name = axes.patches[0].get_bbox(), axes.texts[1].get_position()  # type: ignore[attr-defined]
    assert len(axes.patches) == 1
    # Around the second pattern, clear of the others and of its own name, whose letters are 5 pixels high.
    assert 32 < frame.x0 < frame.x1 < 63 and 0 < frame.y0 + 1 < frame.y1 < name[1] - 5
    assert axes.get_title(loc="left") == "dist: 3 misclassified patterns (framed: wrong in 1998 too)"


def test_ours_are_the_last_bar_with_a_mark_for_each_network() -> None:
    axes = bars([PANEL]).axes[0]
    assert [patch.get_width() for patch in axes.patches] == [8.1, 1.8, 0.5]  # type: ignore[attr-defined]
    assert np.asarray(axes.lines[0].get_xdata()).tolist() == [0.4, 0.6]
    assert {text.get_text() for text in axes.texts} == {"8.1", "1.8", "0.5"}


def test_shared_errors_are_shaded_without_the_diagonal() -> None:
    axes = matrix().axes[0]
    assert np.asarray(axes.images[0].get_array()).tolist() == [[0, 40], [40, 0]]
    assert sorted(text.get_text() for text in axes.texts) == ["40", "40", "76", "82"]


def test_choices_stand_one_below_the_other_beside_the_first_guess() -> None:
    axes = tried().axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first guess", "anew"]
    guess, anew, line = axes.lines
    assert np.asarray(anew.get_xdata()).tolist() == [1.4]
    assert [text.get_text() for text in axes.texts] == ["90.0 \u2192"]
    assert (guess.get_fillstyle(), anew.get_fillstyle()) == ("full", "none")
    assert np.asarray(line.get_xdata())[0] == pytest.approx(1.6)


def test_rates_go_from_the_lowest_to_the_highest_of_all_seeds() -> None:
    axes = rates().axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c1.weight", "f6.bias"]
    ends = [np.asarray(each.get_segments())[0][:, 0].tolist() for each in axes.collections]  # type: ignore[attr-defined]
    assert ends == [pytest.approx([1e-4, 4e-4]), pytest.approx([1e-3, 0.04])]
