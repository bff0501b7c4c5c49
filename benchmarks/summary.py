"""From single turns to what is said of them: medians, ratios of neighbouring turns, and lines through points."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.records import Measurement


@dataclass(frozen=True)
class Spread:
    """A median, and how far the single turns lie from it."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values), len(values))

    def mapped(self, change: Callable[[float], float]) -> "Spread":
        """With `change`, which keeps order, done to all of it."""
        return Spread(change(self.median), change(self.low), change(self.high), self.count)


@dataclass(frozen=True)
class Line:
    """The least-squares line through points, and the largest deviation of a point from it, in percent of the line."""

    start: float
    slope: float
    deviation_pct: float

    @classmethod
    def through(cls, x: Sequence[float], y: Sequence[float]) -> "Line":
        slope, start = statistics.linear_regression(x, y)
        fitted = [start + slope * each for each in x]
        return cls(start, slope, max(100 * abs(a - b) / abs(b) for a, b in zip(y, fitted, strict=True)))


class Book:
    """All measurements, to be asked by row, case and contestant; each in the order of the file."""

    def __init__(self, measurements: Sequence[Measurement]) -> None:
        self.measurements = measurements

    def cases(self, row: str) -> list[str]:
        return list(dict.fromkeys(each.case for each in self.measurements if each.row == row))

    def contestants(self, row: str, case: str) -> list[str]:
        return list(
            dict.fromkeys(each.contestant for each in self.measurements if (each.row, each.case) == (row, case))
        )

    def turns(self, row: str, case: str, contestant: str) -> dict[int, Measurement]:
        """By repeat."""
        wanted = (row, case, contestant)
        return {each.repeat: each for each in self.measurements if (each.row, each.case, each.contestant) == wanted}

    def seconds(self, row: str, case: str, contestant: str) -> Spread:
        return Spread.of([turn.seconds for turn in self.turns(row, case, contestant).values()])

    def per_second(self, row: str, case: str, contestant: str) -> float:
        return statistics.median(turn.size / turn.seconds for turn in self.turns(row, case, contestant).values())

    def peak_mib(self, row: str, case: str, contestant: str) -> float:
        return max(turn.peak_mib for turn in self.turns(row, case, contestant).values())

    def ratio(self, row: str, case: str, over: str, under: str) -> Spread | None:
        """How many times as long `over` takes as `under` for as much work, from turns taken one after the other."""
        slow, fast = self.turns(row, case, over), self.turns(row, case, under)
        both = sorted(slow.keys() & fast.keys())
        values = [(slow[n].seconds / slow[n].size) / (fast[n].seconds / fast[n].size) for n in both]
        return Spread.of(values) if values else None

    def points(self, row: str) -> list[tuple[int, Spread, float]]:
        """Of a row on growth: size, seconds, and peak memory [MiB], in the order of size."""
        found = []
        for case in self.cases(row):
            for contestant in self.contestants(row, case):
                size = next(iter(self.turns(row, case, contestant).values())).size
                found.append((size, self.seconds(row, case, contestant), self.peak_mib(row, case, contestant)))
        return sorted(found, key=lambda point: point[0])

    def line(self, row: str) -> Line | None:
        """Through the medians of a row on growth; there is none through fewer than three."""
        points = self.points(row)
        if len(points) < 3:
            return None
        return Line.through([size for size, _, _ in points], [seconds.median for _, seconds, _ in points])

    def memory_line(self, row: str) -> Line | None:
        """The same for the peak memory."""
        points = self.points(row)
        if len(points) < 3:
            return None
        return Line.through([size for size, _, _ in points], [memory for _, _, memory in points])
