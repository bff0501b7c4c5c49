"""Distorted patterns in the order of the paper's Fig. 7: a row for each digit, ten distortions of one pattern."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from lenet5.report.errors import BACKGROUND, FOREGROUND
from lenet5.report.style import DOTS_PER_INCH, house_style, new_figure

SIDE = 32
PIXEL_SIZE = 2
GAP = 0.25
"""Between blocks, in inches."""
MARGIN, TITLE = 0.16, 0.44


def distorted_patterns(blocks: Mapping[str, npt.NDArray[np.float32]]) -> Figure:
    """Draw `blocks` side by side, each under its title: patterns [rows, columns, 32, 32] from -0.1 to 1.175."""
    with house_style():
        scale = SIDE * PIXEL_SIZE / DOTS_PER_INCH
        widths = [scale * patterns.shape[1] for patterns in blocks.values()]
        height = scale * max(patterns.shape[0] for patterns in blocks.values())
        full_width = sum(widths) + GAP * (len(widths) - 1) + 2 * MARGIN
        full_height = height + MARGIN + TITLE
        figure = new_figure(full_width, full_height)
        figure.set_layout_engine("none")
        left = MARGIN
        for width, (title, patterns) in zip(widths, blocks.items(), strict=True):
            place = (left / full_width, MARGIN / full_height, width / full_width, height / full_height)
            axes = figure.add_axes(place)
            axes.imshow(mosaic(patterns), cmap="gray_r", vmin=BACKGROUND, vmax=FOREGROUND, interpolation="nearest")
            axes.set_axis_off()
            axes.set_title(title, fontweight="normal")
            left += width + GAP
        return figure


def mosaic(patterns: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Patterns [rows, columns, 32, 32] as one image."""
    rows, columns, side, _ = patterns.shape
    return patterns.transpose(0, 2, 1, 3).reshape(rows * side, columns * side)
