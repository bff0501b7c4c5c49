"""The figures of the report."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.reach import first_case
from benchmarks.records import Measurement, Operation
from benchmarks.registry import PROFILE
from benchmarks.summary import Book, Line
from lenet5.report.style import COLOURS, INK, MUTED, house_style, new_figure, png_bytes

BARS = 8
COLOUR_OF = {"limit": MUTED, "stock": COLOURS[1], "bare": COLOURS[4], "loop": COLOURS[5], "ours": COLOURS[0]}


def drawn(measurements: Sequence[Measurement], operations: Sequence[Operation]) -> dict[str, bytes]:
    """The figure of each row that has one and was measured, as PNG."""
    book = Book(measurements)
    makers: dict[str, Callable[[], Figure]] = {
        "epoch": lambda: epoch_figure(book),
        "coordinator": lambda: coordinator_figure(book),
        "growth-examples": lambda: growth_figure(book, "growth-examples", "examples"),
        "growth-trials": lambda: growth_figure(book, "growth-trials", "trials"),
    }
    figures = {row: png_bytes(make()) for row, make in makers.items() if book.cases(row)}
    if operations:
        figures[PROFILE] = png_bytes(profile_figure(operations))
    return figures


def epoch_figure(book: Book) -> Figure:
    """Images per second of everyone at the default batch, with a bar from the slowest to the fastest turn."""
    case = first_case(book, "epoch")
    names = book.contestants("epoch", case)[::-1]
    with house_style():
        figure = new_figure(8, 3.6)
        axes = figure.subplots()
        for position, name in enumerate(names):
            turns = book.turns("epoch", case, name).values()
            rates = [turn.size / turn.seconds / 1000 for turn in turns]
            middle = book.per_second("epoch", case, name) / 1000
            axes.barh(position, middle, color=COLOUR_OF[name.split()[0]], height=0.65)
            axes.plot([min(rates), max(rates)], [position] * 2, color=INK, linewidth=1.3)
            axes.annotate(f"{middle:.1f}", (max(rates), position), (5, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(names)), names)
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.1)
        axes.set_xlabel("thousand images per second")
        axes.set_title(f"One training epoch, {case}")
        return figure


def growth_figure(book: Book, row: str, unit: str) -> Figure:
    """Time and memory by size, each with the line through its points."""
    points = book.points(row)
    sizes = [size for size, _, _ in points]
    with house_style():
        figure = new_figure(8, 3.6)
        left, right = figure.subplots(1, 2)
        medians = [seconds.median for _, seconds, _ in points]
        spans = [[s.median - s.low for _, s, _ in points], [s.high - s.median for _, s, _ in points]]
        left.errorbar(sizes, medians, yerr=spans, fmt="o", color=COLOURS[0], ecolor=INK, capsize=3)
        right.plot(sizes, [memory for _, _, memory in points], "o", color=COLOURS[1])
        for axes, line, label in (
            (left, book.line(row), "time [s]"),
            (right, book.memory_line(row), "peak memory [MiB]"),
        ):
            if line:
                draw_line(axes, line, max(sizes))
            from_nothing(axes)
            axes.set_xlabel(unit)
            axes.set_ylabel(label)
        return figure


def from_nothing(axes: Axes) -> None:
    """Let both axes start at 0, with room beyond the last point."""
    axes.set_xlim(0, 1.05 * axes.dataLim.x1)
    axes.set_ylim(0, 1.1 * axes.dataLim.y1)


def draw_line(axes: Axes, line: Line, last: int) -> None:
    ends = [0, last]
    axes.plot(ends, [line.start + line.slope * each for each in ends], color=MUTED, linewidth=1.3)
    text = f"largest deviation from the line: {line.deviation_pct:.1f} %"
    axes.set_title(text, fontsize=10, fontweight="normal")


def coordinator_figure(book: Book) -> Figure:
    """Milliseconds a trial and memory in the course of a long study whose jobs cost nothing."""
    case = book.cases("coordinator")[-1]
    done, cost, memory = 0, [], []
    numbers = []
    for name in book.contestants("coordinator", case):
        (turn,) = book.turns("coordinator", case, name).values()
        done += turn.size
        numbers.append(done)
        cost.append(1000 * turn.seconds / turn.size)
        memory.append(turn.peak_mib)
    with house_style():
        figure = new_figure(8, 3.6)
        left, right = figure.subplots(1, 2)
        left.plot(numbers, cost, "o-", color=COLOURS[0])
        left.set_ylabel("own time [ms a trial]")
        right.plot(numbers, memory, "o-", color=COLOURS[1])
        right.set_ylabel("memory [MiB]")
        for axes in (left, right):
            from_nothing(axes)
            axes.set_xlabel("trials")
        return figure


def profile_figure(operations: Sequence[Operation]) -> Figure:
    """The costliest operations of each contestant, on one scale."""
    names = list(dict.fromkeys(each.contestant for each in operations))
    with house_style():
        figure = new_figure(8, 5.6)
        panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
        for name, axes in zip(names, panels, strict=True):
            own = [each for each in operations if each.contestant == name]
            shown = own[:BARS][::-1]
            rest = sum(each.microseconds_per_step for each in own[BARS:])
            labels = [f"{len(own) - BARS} others", *(each.name for each in shown)]
            values = [rest, *(each.microseconds_per_step for each in shown)]
            axes.barh(labels, [value / 1000 for value in values], color=COLOUR_OF[name], height=0.7)
            axes.grid(visible=False, axis="y")
            axes.set_title(f"{name}: {sum(values) / 1000:.1f} ms a step")
        panels[-1].set_xlabel("time in a step, watched by the profiler [ms]")
        return figure
