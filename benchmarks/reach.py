"""What was aimed at, beside what was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.summary import Book, Spread

UPDATES_OF_1998 = 20 * 60_000


@dataclass(frozen=True)
class Aim:
    """A figure with a bound, as a function of the measurements; None if they lack it."""

    text: str
    side: Literal["at least", "at most"]
    bound: float
    unit: str
    figure: Callable[[Book], Spread | None]

    def reached(self, found: Spread) -> bool:
        return found.median >= self.bound if self.side == "at least" else found.median <= self.bound


def ratio(row: str, over: str, under: str) -> Callable[[Book], Spread | None]:
    """Of the first case of a row: the default batch, the whole study."""
    return lambda book: book.ratio(row, first_case(book, row), over, under)


def excess_pct(row: str, over: str, under: str) -> Callable[[Book], Spread | None]:
    """What `over` takes more than `under`, in percent."""
    asked = ratio(row, over, under)
    return lambda book: (found := asked(book)) and found.mapped(lambda times: 100 * (times - 1))


def share_pct(row: str, part: str, whole: str) -> Callable[[Book], Spread | None]:
    asked = ratio(row, part, whole)
    return lambda book: (found := asked(book)) and found.mapped(lambda times: 100 * times)


def seconds(row: str, contestant: str) -> Callable[[Book], Spread | None]:
    def asked(book: Book) -> Spread | None:
        case = first_case(book, row)
        return book.seconds(row, case, contestant) if book.turns(row, case, contestant) else None

    return asked


def view_seconds(contestant: str) -> Callable[[Book], Spread | None]:
    """Of the made-up runs, which are the second case."""
    return lambda book: next((book.seconds("track", case, contestant) for case in book.cases("track")[1:]), None)


def first_case(book: Book, row: str) -> str:
    return next(iter(book.cases(row)), "")


def slowest_start(book: Book) -> Spread | None:
    case = first_case(book, "startup")
    found = [book.seconds("startup", case, stage) for stage in book.contestants("startup", case)]
    return max(found, key=lambda each: each.median, default=None)


def deviation_pct(row: str) -> Callable[[Book], Spread | None]:
    def asked(book: Book) -> Spread | None:
        line = book.line(row)
        return Spread.of([line.deviation_pct]) if line else None

    return asked


def minutes_of_1998(book: Book) -> Spread | None:
    """1.2 million updates at the speed of those measured."""
    turns = book.turns("updates", first_case(book, "updates"), "ours").values()
    return Spread.of([UPDATES_OF_1998 * turn.seconds / turn.size / 60 for turn in turns]) if turns else None


def coordinator_share_pct(book: Book) -> Spread | None:
    """Of a study with free jobs, in a study of as many trials that trains."""
    case = first_case(book, "coordinator")
    own = sum(book.seconds("coordinator", case, each).median for each in book.contestants("coordinator", case))
    whole = seconds("study", "ours 2 workers")(book)
    return Spread.of([100 * own / whole.median]) if own and whole else None


def coordinator_ms(book: Book) -> Spread | None:
    """A trial, over all stretches of the long study."""
    case = next(iter(book.cases("coordinator")[1:]), "")
    stretches = [turn for each in book.contestants("coordinator", case) for turn in stretch(book, case, each)]
    return Spread.of(stretches) if stretches else None


def stretch(book: Book, case: str, contestant: str) -> list[float]:
    return [1000 * turn.seconds / turn.size for turn in book.turns("coordinator", case, contestant).values()]


AIMS = (
    Aim("a training step against the bare loop, same arithmetic", "at least", 2, "times as fast",
        ratio("epoch", "bare portable", "ours portable")),
    Aim("an epoch's share of the arithmetic limit", "at least", 40, "%", share_pct("epoch", "limit", "ours portable")),
    Aim("what Lightning adds to the bare loop over the same network", "at most", 5, "%",
        excess_pct("epoch", "ours portable", "loop portable")),
    Aim("what distortions on the fly add", "at most", 25, "%",
        excess_pct("distortions", "ours portable", "ours portable, undistorted")),
    Aim("a training of 1998, 20 passes at the speed measured", "at most", 8, "min", minutes_of_1998),
    Aim("evaluation of the test set", "at most", 0.5, "s", seconds("evaluation", "ours portable")),
    Aim("trials per hour of a study with 2 workers against the stock recipe", "at least", 5, "times as many",
        ratio("study", "stock", "ours 2 workers")),
    Aim("from 1 worker to 2", "at least", 1.8, "times as fast", ratio("study", "ours 1 worker", "ours 2 workers")),
    Aim("the coordinator's own share of a study", "at most", 2, "%", coordinator_share_pct),
    Aim("the coordinator's own time in a long study", "at most", 50, "ms a trial", coordinator_ms),
    Aim("`dvc repro` from nothing", "at most", 360, "s", seconds("repro", "ours")),
    Aim("`dvc repro` with nothing to do, against an empty pipeline", "at most", 1.5, "times as long",
        ratio("noop", "ours", "empty pipeline")),
    Aim("filling MLflow with 100 runs", "at most", 5, "s", view_seconds("first fill")),
    Aim("looking over 100 runs in MLflow", "at most", 1, "s", view_seconds("second pass")),
    Aim("what showing a training in MLflow adds to it", "at most", 2, "%", excess_pct("live", "shown", "not shown")),
    Aim("what an MLflow that never answers adds to a training", "at most", 2, "%",
        excess_pct("live", "MLflow never answers", "not shown")),
    Aim("start of the slowest stage", "at most", 3, "s", slowest_start),
    Aim("an epoch's deviation from a line through the numbers of examples", "at most", 10, "%",
        deviation_pct("growth-examples")),
    Aim("a study's deviation from a line through the numbers of trials", "at most", 10, "%",
        deviation_pct("growth-trials")),
)  # fmt: skip
