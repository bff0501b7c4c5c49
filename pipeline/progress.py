"""How far a long stage is: a live bar on a terminal, plain lines now and then in a log."""

import time
from collections.abc import Iterable
from typing import Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

SECONDS_BETWEEN_LINES = 15.0


class Bar(RichProgress):
    """The bar, and what stands below it."""

    below: RenderableType | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.below is not None:
            yield self.below


class Progress:
    """Counts the epochs of a stage; `note` says what is going on (trial, best so far)."""

    def __init__(self, stage: str, total_epochs: int) -> None:
        self.stage, self.total, self.done, self.note = stage, total_epochs, 0, ""
        self.console = Console(stderr=True)
        self.started = self.last_line = time.monotonic()
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("epochs, left"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[note]}"),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.task = self.bar.add_task(stage, total=total_epochs, note="")

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.bar.stop()
        if not self.console.is_terminal:
            self._print_line()

    def advance(self) -> None:
        """One epoch more is done."""
        self.done += 1
        self.bar.update(self.task, completed=self.done)
        if not self.console.is_terminal and time.monotonic() - self.last_line > SECONDS_BETWEEN_LINES:
            self._print_line()

    def expect(self, epochs: int) -> None:
        """So many epochs are still to come."""
        self.total = self.done + epochs
        self.bar.update(self.task, total=self.total)

    def show(self, below: RenderableType) -> None:
        """Put something below the bar, on a terminal."""
        self.bar.below = below

    def say(self, note: str) -> None:
        """Change the note."""
        self.note = note
        self.bar.update(self.task, note=note)

    def _print_line(self) -> None:
        self.last_line = time.monotonic()
        spent = self.last_line - self.started
        left = f", {spent / self.done * (self.total - self.done):.0f} s left" if 0 < self.done < self.total else ""
        note = f"; {self.note}" if self.note else ""
        self.console.print(f"{self.stage}: {self.done} of {self.total} epochs{left}{note}", soft_wrap=True)
