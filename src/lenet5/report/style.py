"""One look for all figures, and PNG bytes that depend on nothing but the data.

Figures are made without pyplot: no window, no global list of figures, no matplotlibrc of the user.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from PIL import Image

# Okabe and Ito's colours, which remain distinct to the colour-blind; their yellow is too pale for lines.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
LINES = ("solid", "dashdot", "dotted")
INK = "#222222"
MUTED = "#6b6b6b"
DOTS_PER_INCH = 150

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is the same everywhere
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "legend.frameon": False,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.dpi": DOTS_PER_INCH,
    "savefig.dpi": DOTS_PER_INCH,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's own defaults with this project's style on top, whatever the user has configured."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` x `height` inches that keeps its parts from overlapping."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def colour_and_line(position: int) -> tuple[str, str]:
    """The colour and the line style of the series at `position`: colours first, then the same ones in other dashes."""
    return COLOURS[position % len(COLOURS)], LINES[position // len(COLOURS) % len(LINES)]


def plain_percent_axis(axes: Axes) -> None:
    """Make the y axis logarithmic, with numbers written as 0.5, 1, 2 and not as powers of ten; call it last."""
    axes.set_yscale("log", nonpositive="clip")
    low, high = axes.get_ylim()
    marks = (1.0, 2.0, 5.0) if high > 10 * low else (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)
    axes.yaxis.set_major_locator(LogLocator(base=10, subs=marks))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def png_bytes(figure: Figure) -> bytes:
    """`figure` as PNG of 256 colours, a third as large as one of all; without the program's name or a date."""
    with house_style(), io.BytesIO() as drawn, io.BytesIO() as file:
        figure.savefig(drawn, format="png", metadata={"Software": None})
        colours = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        colours.save(file, format="PNG", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
        return file.getvalue()
