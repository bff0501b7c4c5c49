"""How many errors each pair of networks shares."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from lenet5.report.errors import SHADES
from lenet5.report.style import INK, MUTED, house_style, new_figure


def shared_error_matrix(names: Sequence[str], shared: npt.NDArray[np.int64]) -> Figure:
    """Draw the counts `shared` [networks, networks]; a network's own errors stand on the diagonal, unshaded."""
    with house_style():
        size = 2.6 + 0.62 * len(names)
        figure = new_figure(size, size)
        axes = figure.subplots()
        own = np.eye(len(names), dtype=bool)
        pairs = np.where(own, 0, shared)
        axes.imshow(pairs, cmap=SHADES, vmin=0, vmax=max(1, int(pairs.max() * 1.25)), interpolation="nearest")
        for (row, column), count in np.ndenumerate(shared):
            dark = not own[row, column] and count > 0.75 * pairs.max()
            colour = MUTED if own[row, column] else "white" if dark else INK
            axes.text(column, row, str(count), ha="center", va="center", color=colour)
        axes.grid(False)
        axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(names)), names)
        axes.set_title("errors shared by two networks\n(on the diagonal: all errors of one)", fontweight="normal")
        return figure
