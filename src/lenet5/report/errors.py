"""What the networks got wrong: the confusion matrices, and the misclassified patterns as in the paper's Fig. 8."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lenet5.report.style import COLOURS, DOTS_PER_INCH, INK, MUTED, house_style, new_figure

SHADES = LinearSegmentedColormap.from_list("white to blue", ["#ffffff", COLOURS[0]])
BACKGROUND, FOREGROUND = -0.1, 1.175
PATTERN_COLUMNS = 12
CELL_WIDTH, CELL_HEIGHT = 32, 43  # a pattern, and below it the line that names its digits
PIXEL_SIZE = 3
MOST_PATTERNS = 120


def confusion_matrices(matrices: Mapping[str, npt.NDArray[np.int64]], seeds: int) -> Figure:
    """Draw the confusion matrix of each row: counts [true digit, predicted digit], summed over `seeds` networks."""
    columns = min(len(matrices), 2)
    lines = math.ceil(len(matrices) / columns)
    with house_style():
        figure = new_figure(5.6 * columns, 5.7 * lines)
        panels = figure.subplots(lines, columns, squeeze=False).ravel()
        for axes in panels[len(matrices) :]:
            axes.set_visible(False)
        for axes, (label, counts) in zip(panels, matrices.items(), strict=False):
            draw_confusion(axes, counts)
            total = int(counts.sum())
            wrong = total - int(counts.trace())
            networks = "1 network" if seeds == 1 else f"{seeds} networks"
            axes.set_title(f"{label}\n{wrong:,} of {total:,} wrong, {networks}", fontweight="normal")
        return figure


def draw_confusion(axes: Axes, counts: npt.NDArray[np.int64]) -> None:
    """Shade the confusions alone: beside the right answers on the diagonal none of them would be visible."""
    confusions = np.where(np.eye(10, dtype=bool), 0, counts)
    axes.imshow(confusions, cmap=SHADES, vmin=0, vmax=max(1, int(confusions.max())), interpolation="nearest")
    for true, predicted in np.ndindex(10, 10):
        count, diagonal = int(counts[true, predicted]), true == predicted
        if count == 0:
            continue
        dark = not diagonal and count > 0.6 * confusions.max()
        colour = MUTED if diagonal else "white" if dark else INK
        axes.text(predicted, true, str(count), ha="center", va="center", fontsize=7 if diagonal else 10, color=colour)
    axes.grid(False)
    axes.set_xticks(range(10))
    axes.set_yticks(range(10))
    axes.set_xlabel("predicted digit")
    axes.set_ylabel("true digit")


def misclassified_gallery(
    title: str,
    images: npt.NDArray[np.float32],
    label: npt.NDArray[np.int64],
    predicted: npt.NDArray[np.int64],
    framed: tuple[npt.NDArray[np.bool_], str] | None = None,
) -> Figure:
    """Draw misclassified patterns with "true>predicted" below each, as Fig. 8 does; at most the first 120.

    Args:
        images: [m, 32, 32], background -0.1, foreground 1.175; label and predicted: [m].
        framed: [m], which of them get a frame, and what that means.
    """
    shown = min(len(images), MOST_PATTERNS)
    lines = max(1, math.ceil(shown / PATTERN_COLUMNS))
    canvas = np.full((lines * CELL_HEIGHT, PATTERN_COLUMNS * CELL_WIDTH), BACKGROUND, dtype=np.float32)
    with house_style():
        figure, axes = figure_for_pixels(canvas.shape[0], canvas.shape[1])
        for position in range(shown):
            top, left = position // PATTERN_COLUMNS * CELL_HEIGHT, position % PATTERN_COLUMNS * CELL_WIDTH
            canvas[top : top + 32, left : left + 32] = images[position]
            name = f"{label[position]}>{predicted[position]}"
            axes.text(left + 15.5, top + 34, name, ha="center", va="center", fontsize=11)
            if framed and framed[0][position]:
                axes.add_patch(Rectangle((left + 1.5, top), 28, 28, fill=False, edgecolor=COLOURS[1], linewidth=1.6))
        # Dark on light, as the paper prints them.
        axes.imshow(canvas, cmap="gray_r", vmin=BACKGROUND, vmax=FOREGROUND, interpolation="nearest", aspect="auto")
        count = f"{len(images):,} misclassified patterns" + (f", the first {shown}" if shown < len(images) else "")
        note = f"framed: {framed[1]}" if framed else "true>predicted"
        axes.set_title(f"{title}: {count} ({note})", fontweight="normal")
        return figure


def figure_for_pixels(height: int, width: int) -> tuple[Figure, Axes]:
    """A figure whose one panel shows `height` x `width` image pixels, each as a whole number of the figure's pixels."""
    margin, title = 0.16, 0.4  # inches, whole pixels too
    scale = PIXEL_SIZE / DOTS_PER_INCH
    full_width, full_height = width * scale + 2 * margin, height * scale + margin + title
    figure = new_figure(full_width, full_height)
    figure.set_layout_engine("none")
    place = (margin / full_width, margin / full_height, width * scale / full_width, height * scale / full_height)
    axes = figure.add_axes(place)
    axes.set_axis_off()
    return figure, axes
