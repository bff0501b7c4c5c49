"""The report in words and tables. Every number on it comes from the records."""

from collections.abc import Callable, Iterator, Sequence

from benchmarks.reach import AIMS, Aim
from benchmarks.records import Measurement, Operation
from benchmarks.registry import PROFILE, ROWS
from benchmarks.summary import Book, Line, Spread

FIGURES = {
    "epoch": "epoch.png",
    "coordinator": "coordinator.png",
    "growth-examples": "growth-examples.png",
    "growth-trials": "growth-trials.png",
    PROFILE: "profile.png",
}
OPERATIONS_SHOWN = 12

INTRODUCTION = """# Speed

Made by `make bench`; `python -m benchmarks ROW ...` measures some rows again. Nothing here is typed by hand: the
numbers are those of [measurements.csv](measurements.csv) and [profile.csv](profile.csv).

Contestants take turns (A B C A B C), each in a process of its own, so that what disturbs the machine disturbs all
alike. A figure is the median of the turns, with the smallest and the largest in brackets; a ratio is taken between
turns that follow each other, and then the median of those. Memory is the most that the process had.

- **stock**: what a user would write from the documentation: Lightning with its defaults, `DataLoader`,
  `TensorDataset`, all threads, the network of obvious modules (`Conv2d`, `tanh`, `AvgPool2d`).
- **bare**: a bare PyTorch loop over tensors in memory, the same obvious modules, one thread.
- **loop**: a bare loop over the library's network, with the same record of an epoch; what `ours` takes beyond it is
  Lightning's.
- **ours**: the library, one thread.
- **limit**: the multiply-adds of the network (forward and, in training, backward; counted from its layers) at the
  rate of a large float32 matrix product on one thread of the same machine in the same turn.

`portable` and `native` are the two kinds of arithmetic of params.yaml; the limit is native.
"""


def page(measurements: Sequence[Measurement], operations: Sequence[Operation]) -> str:
    """The whole page, as Markdown."""
    book = Book(measurements)
    machines = "".join(f"\nMeasured on: {each}.\n" for each in dict.fromkeys(each.machine for each in measurements))
    parts = [INTRODUCTION + machines, "## Reach\n\n" + reach(book)]
    parts += [section(book, row) for row in ROWS]
    parts.append(profile_section(operations))
    return "\n".join(parts)


def reach(book: Book) -> str:
    """What was aimed at, and what was found, as a table."""
    lines = ["| aim | bound | found | |", "|---|--:|--:|---|"]
    lines += [reach_line(aim, aim.figure(book)) for aim in AIMS]
    return "\n".join(lines) + "\n"


def reach_line(aim: Aim, found: Spread | None) -> str:
    bound = f"{aim.side} {aim.bound:g} {aim.unit}"
    if found is None:
        return f"| {aim.text} | {bound} | | not measured |"
    return f"| {aim.text} | {bound} | {spread(found)} | {'reached' if aim.reached(found) else 'not reached'} |"


def section(book: Book, row: str) -> str:
    """One row of the report: a table for each case, a figure, and the commands."""
    known = ROWS[row]
    lines = [f"## {known.title}\n", f"{known.text}\n"]
    if not book.cases(row):
        missing = "no GPU at hand, or not measured" if row == "gpu" else "not measured"
        return "\n".join([*lines, f"*{missing}* (`python -m benchmarks {row}`)\n"])
    for case in book.cases(row):
        lines += [f"### {case}\n" if len(book.cases(row)) > 1 else f"{case}:\n", *table(book, row, case), ""]
    if row.startswith("growth-"):
        lines += [growth_words(book, row)]
    if row == "coordinator":
        lines += [memory_words(book)]
    if row in FIGURES:
        lines += [f"![{known.title}]({FIGURES[row]})\n"]
    commands = dict.fromkeys(each.command for each in book.measurements if each.row == row)
    return "\n".join([*lines, f"Made by `python -m benchmarks {row}`, which runs:\n", "```sh", *commands, "```", ""])


def table(book: Book, row: str, case: str) -> Iterator[str]:
    """A line for each contestant; columns that would be empty are left out."""
    names = book.contestants(row, case)
    columns = {
        title: cells
        for title, cell in columns_of(book, row, case).items()
        if any(cells := [cell(name) for name in names])
    }
    yield "| " + " | ".join(["", *columns]) + " |"
    yield "|---|" + "--:|" * len(columns)
    for position, name in enumerate(names):
        yield "| " + " | ".join([name, *(cells[position] for cells in columns.values())]) + " |"


def columns_of(book: Book, row: str, case: str) -> dict[str, Callable[[str], str]]:
    """What stands in the columns, as functions of the contestant."""

    def against(base: str, name: str) -> str:
        found = book.ratio(row, case, base, name) if name not in (base, "limit") else None
        return spread(found) if found else ""

    def against_bare(name: str) -> str:
        kind = name.removesuffix(", undistorted").rpartition(" ")[2]
        return against(f"bare {kind}", name) if name.startswith(("ours", "loop")) else ""

    def share(name: str) -> str:
        found = book.ratio(row, case, "limit", name) if name != "limit" else None
        return spread(found.mapped(lambda times: 100 * times)) if found else ""

    unit = next(iter(book.turns(row, case, book.contestants(row, case)[0]).values())).unit
    per, times = ("hour", 3600) if unit == "trials" else ("s", 1)
    return {
        "time [s]": lambda name: spread(book.seconds(row, case, name)),
        f"{unit} done": lambda name: str(next(iter(book.turns(row, case, name).values())).size) if unit else "",
        f"{unit} / {per}": lambda name: f"{times * book.per_second(row, case, name):,.0f}" if unit else "",
        "times as fast as stock": lambda name: against("stock", name),
        "times as fast as bare, same arithmetic": against_bare,
        "peak memory [MiB]": lambda name: f"{peak:.0f}" if (peak := book.peak_mib(row, case, name)) else "",
        "share of the limit [%]": share,
    }


def growth_words(book: Book, row: str) -> str:
    """The lines through the points, in words."""
    seconds, memory = book.line(row), book.memory_line(row)
    if seconds is None or memory is None:
        return ""
    unit = next(each.unit for each in book.measurements if each.row == row).removesuffix("s")
    return f"Time: {in_words(seconds, 's', 1000, 'ms', unit)}. Memory: {in_words(memory, 'MiB', 1024, 'KiB', unit)}.\n"


def memory_words(book: Book) -> str:
    """How the memory grew in the longest study of the coordinator."""
    case = book.cases("coordinator")[-1]
    names = book.contestants("coordinator", case)
    first, last = (book.peak_mib("coordinator", case, name) for name in (names[0], names[-1]))
    return f"Memory grew by {number(last - first)} MiB between the ends of `{names[0]}` and `{names[-1]}`.\n"


def in_words(line: Line, unit: str, factor: float, small_unit: str, per: str) -> str:
    return (
        f"{number(line.start)} {unit} and {number(factor * line.slope)} {small_unit} more for each {per}; "
        f"the points lie within {line.deviation_pct:.1f} % of that line"
    )


def profile_section(operations: Sequence[Operation]) -> str:
    """The costliest operations of each contestant in a table."""
    lines = ["## What the time of a step goes to\n"]
    if not operations:
        return "\n".join([*lines, f"*not measured* (`python -m benchmarks {PROFILE}`)\n"])
    lines.append("By torch's profiler, which slows down what it watches: shares mean more than times.\n")
    lines.append(f"![What the time of a step goes to]({FIGURES[PROFILE]})\n")
    for contestant in dict.fromkeys(each.contestant for each in operations):
        own = [each for each in operations if each.contestant == contestant]
        whole = sum(each.microseconds_per_step for each in own)
        lines += [
            f"### {contestant}, {number(whole)} µs\n",
            "| operation | calls | µs | share [%] |",
            "|---|--:|--:|--:|",
        ]
        shown, rest = own[:OPERATIONS_SHOWN], own[OPERATIONS_SHOWN:]
        lines += [operation_line(each, whole) for each in shown]
        others = Operation(
            contestant,
            f"{len(rest)} others",
            sum(each.calls_per_step for each in rest),
            sum(each.microseconds_per_step for each in rest),
        )
        lines += [operation_line(others, whole), ""]
    return "\n".join([*lines, f"Made by `python -m benchmarks {PROFILE}`.", ""])


def operation_line(operation: Operation, whole: float) -> str:
    share = 100 * operation.microseconds_per_step / whole
    calls, microseconds = number(operation.calls_per_step), number(operation.microseconds_per_step)
    return f"| {operation.name} | {calls} | {microseconds} | {share:.1f} |"


def spread(found: Spread) -> str:
    """A median, and the smallest and largest turn if there are several."""
    if found.count == 1:
        return number(found.median)
    return f"{number(found.median)} ({number(found.low)} to {number(found.high)})"


def number(value: float) -> str:
    """With three digits, and never as a power of ten."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{digits}f}"
